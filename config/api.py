"""The REST API: one NinjaAPI, the routers of the apps mounted on it."""

from ninja import NinjaAPI

api = NinjaAPI(title="ACS media recorder", version="1", urls_namespace="api")
