"""The doors of calls: ACS's webhooks, and the console's pages."""

from django.urls import path

from calls.pages import acting, placing, ringing, views
from calls.webhooks.views import callbacks, events, prompt

app_name = "calls"
urlpatterns = [
    path("acs/callbacks/<str:token>", callbacks, name="callbacks"),
    path("acs/events", events, name="events"),
    path("acs/prompts/<str:token>.wav", prompt, name="prompt"),
    path("calls/", views.calls, name="calls"),
    path("calls/export.csv", views.export, name="export"),
    path("calls/incoming/", ringing.ringing, name="ringing"),
    path("calls/incoming/<uuid:incoming_id>/<slug:action>/", ringing.decide, name="decide"),
    path("calls/new/", placing.new, name="new"),
    path("calls/join/", placing.join, name="join"),
    path("calls/<uuid:call_id>/", views.call, name="call"),
    path("calls/<uuid:call_id>/preview/", views.preview, name="preview"),
    path("calls/<uuid:call_id>/live/", views.call_live, name="call_live"),
    path("calls/<uuid:call_id>/participants/<int:participant_id>/name/", acting.name, name="name"),
    path("calls/<uuid:call_id>/<slug:action>/", acting.act, name="act"),
]
