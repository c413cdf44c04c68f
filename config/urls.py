"""Every HTTP door."""

from django.contrib import admin
from django.urls import include, path

from config import support
from config.api import api, no_such_door
from media.pages.views import board

urlpatterns = [
    path("api/v1/", no_such_door),
    path("api/v1/", api.urls),
    path("api/v1/<path:rest>", no_such_door),
    path("admin/media/streamsession/<uuid:session_id>/support-bundle/", support.in_admin, name="admin_support_bundle"),
    path("admin/", admin.site.urls),
    path("sessions/<uuid:session_id>/support-bundle/", support.in_console, name="support_bundle"),
    path("sessions/", include("media.urls")),
    path("", include("calls.account.urls")),
    path("", include("calls.urls")),
    path("", board, name="home"),
]
