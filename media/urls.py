"""The console's pages of recordings."""

from django.urls import path

from media.pages import browse_views, note_views, views

app_name = "media"
urlpatterns = [
    path("", browse_views.sessions, name="sessions"),
    path("export.csv", browse_views.export, name="export"),
    path("<uuid:session_id>/", views.session, name="session"),
    path("<uuid:session_id>/preview/", browse_views.preview, name="preview"),
    path("<uuid:session_id>/wave.svg", browse_views.wave, name="wave"),
    path("<uuid:session_id>/live/", views.session_live, name="session_live"),
    path("<uuid:session_id>/talk/", views.session_talk, name="session_talk"),
    path("<uuid:session_id>/notes/", note_views.write_note, name="write_note"),
    path("<uuid:session_id>/notes/<int:note_id>/take-back/", note_views.take_back, name="take_back"),
    path("<uuid:session_id>/tags/", note_views.tag, name="tag"),
    path("<uuid:session_id>/tags/off/", note_views.untag, name="untag"),
]
