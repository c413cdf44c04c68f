from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "media"
    verbose_name = "Recordings"

    def ready(self) -> None:
        from media import checks, receivers  # noqa: F401
