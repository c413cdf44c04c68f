"""The console's pages of recordings."""

from django.urls import path

from media import views

app_name = "media"
urlpatterns = [
    path("", views.sessions, name="sessions"),
    path("<uuid:session_id>/", views.session, name="session"),
    path("<uuid:session_id>/live/", views.session_live, name="session_live"),
]
