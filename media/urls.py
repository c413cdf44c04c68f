"""The console's pages of recordings."""

from django.urls import path

from media import note_views, views

app_name = "media"
urlpatterns = [
    path("", views.sessions, name="sessions"),
    path("<uuid:session_id>/", views.session, name="session"),
    path("<uuid:session_id>/live/", views.session_live, name="session_live"),
    path("<uuid:session_id>/talk/", views.session_talk, name="session_talk"),
    path("<uuid:session_id>/notes/", note_views.write_note, name="write_note"),
    path("<uuid:session_id>/notes/<int:note_id>/take-back/", note_views.take_back, name="take_back"),
    path("<uuid:session_id>/tags/", note_views.tag, name="tag"),
    path("<uuid:session_id>/tags/off/", note_views.untag, name="untag"),
]
