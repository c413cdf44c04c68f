"""Every HTTP door."""

from django.contrib import admin
from django.urls import include, path

from config.api import api, no_such_door
from media.views import board

urlpatterns = [
    path("api/v1/", no_such_door),
    path("api/v1/", api.urls),
    path("api/v1/<path:rest>", no_such_door),
    path("admin/", admin.site.urls),
    path("sessions/", include("media.urls")),
    path("", include("calls.account_urls")),
    path("", include("calls.urls")),
    path("", board, name="home"),
]
