"""RECORDINGS_URL → the entry of STORAGES. Knows the URL's forms; the storages themselves are in media/storage/."""

from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

FORMS = "file:///folder, az://account/container/prefix or s3://bucket/prefix"


def recordings_storage(url: str) -> dict[str, object]:
    """The storage for recordings. Credentials come from the environment of the object store's own SDK, never from the
    URL."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        # file:// is followed by a plain path: it may hold spaces, ? and #, so it is not parsed as a URL.
        return {
            "BACKEND": "media.storage.FileRecordings",
            "OPTIONS": {"location": unquote(url.removeprefix("file://"))},
        }
    if parts.scheme == "s3" and parts.netloc:
        options = {"bucket_name": parts.netloc, "location": parts.path.strip("/")}
        if endpoint := parse_qs(parts.query).get("endpoint"):
            options["endpoint_url"] = endpoint[0]
        return {"BACKEND": "media.storage.s3.S3Recordings", "OPTIONS": options}
    container, _, prefix = parts.path.strip("/").partition("/")
    if parts.scheme == "az" and parts.netloc and container:
        return {
            "BACKEND": "media.storage.azure.AzureRecordings",
            "OPTIONS": {"account_name": parts.netloc, "azure_container": container, "location": prefix},
        }
    raise ImproperlyConfigured(f"RECORDINGS_URL={url!r} is none of {FORMS}.")
