"""What the check of routes is there to find."""

from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("media/<path:name>", lambda request, name: HttpResponse(name))]
