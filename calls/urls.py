"""The doors of calls: ACS's webhooks. Pages join them here."""

from django.urls import path

from calls import webhooks

app_name = "calls"
urlpatterns = [
    path("acs/callbacks/<str:token>", webhooks.callbacks, name="callbacks"),
    path("acs/events", webhooks.events, name="events"),
    path("acs/prompts/<str:token>.wav", webhooks.prompt, name="prompt"),
]
