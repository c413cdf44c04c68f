"""Every HTTP door."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from config.api import api, no_such_door

urlpatterns = [
    path("api/v1/", no_such_door),
    path("api/v1/", api.urls),
    path("api/v1/<path:rest>", no_such_door),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:media_streamsession_changelist"), name="home"),
]
