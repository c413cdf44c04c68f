from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "media"
    verbose_name = "Recordings"

    def ready(self) -> None:
        from media import checks  # noqa: F401
        from media.sessions import receivers  # noqa: F401
