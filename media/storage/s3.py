"""Recordings in an S3 bucket (RECORDINGS_URL=s3://bucket/prefix?endpoint=…). Credentials come as AWS's own tools take
them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the machine's role. Imported only where it is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from storages.backends.s3 import S3Storage

from media.errors import PrivateRecording

CONNECT_SECONDS, READ_SECONDS = 10, 60


class S3Recordings(S3Storage):  # type: ignore[misc]
    """See media.storage.Recordings. One PUT is one object, whole or not at all."""

    def __init__(self, **options: Any) -> None:
        # Other stores than Amazon's know neither buckets as host names nor the newest checksums.
        other = bool(options.get("endpoint_url"))
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "max_attempts": 3},
            s3={"addressing_style": "path" if other else "auto"},
            **({"request_checksum_calculation": "when_required"} if other else {}),
        )
        super().__init__(**{"client_config": config, "file_overwrite": True, **options})

    def put(self, name: str, content: bytes) -> None:
        key = self._normalize_name(name)
        with _failing_as_os_error(name):
            self._client.put_object(Bucket=self.bucket_name, Key=key, Body=content, **self._get_write_parameters(key))

    def read(self, name: str) -> bytes:
        with _failing_as_os_error(name):
            found = self._client.get_object(Bucket=self.bucket_name, Key=self._normalize_name(name))
            return bytes(found["Body"].read())

    def delete(self, name: str) -> None:
        with _failing_as_os_error(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _failing_as_os_error(name):
            return bool(super().exists(name))

    def names(self, folder: str) -> list[str]:
        with _failing_as_os_error(folder):
            return [f"{folder}/{file}" for file in self.listdir(folder)[1]]

    def url(self, *_: Any, **__: Any) -> NoReturn:
        raise PrivateRecording

    @property
    def _client(self) -> Any:
        """This thread's client: making one is slow, and sharing a resource between threads is not allowed."""
        return self.connection.meta.client


@contextmanager
def _failing_as_os_error(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        missing = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404
        absent = missing and error.response.get("Error", {}).get("Code") != "NoSuchBucket"
        raise (FileNotFoundError if absent else OSError)(f"S3, {name}: {error}") from error
    except BotoCoreError as error:
        raise OSError(f"S3, {name}: {error}") from error
