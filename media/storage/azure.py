"""Recordings in an Azure Blob container (RECORDINGS_URL=az://account/container/prefix). Credentials come as Azure's
command line takes them: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN; or as the
Django setting AZURE_TOKEN_CREDENTIAL. Imported only where it is used. Knows Azure through django-storages alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from storages.backends import azure_storage

from media.errors import PrivateRecording

CONNECT_SECONDS, READ_SECONDS = 10, 60
_BOUNDED = {
    "connection_timeout": CONNECT_SECONDS,
    "read_timeout": READ_SECONDS,
    "retry_total": 2,
    "initial_backoff": 1,
    "increment_base": 2,
}
_CREDENTIALS = {
    "connection_string": "AZURE_STORAGE_CONNECTION_STRING",
    "account_key": "AZURE_STORAGE_KEY",
    "sas_token": "AZURE_STORAGE_SAS_TOKEN",
}


class AzureRecordings(azure_storage.AzureStorage):  # type: ignore[misc]
    """See media.storage.Recordings. One upload is one blob, whole or not at all."""

    def __init__(self, **options: Any) -> None:
        found = {name: os.environ[variable] for name, variable in _CREDENTIALS.items() if os.environ.get(variable)}
        super().__init__(**{"client_options": dict(_BOUNDED), "overwrite_files": True, **found, **options})
        if not (self.connection_string or self.account_key or self.sas_token or self.token_credential):
            raise ImproperlyConfigured(f"RECORDINGS_URL=az://… needs one of {', '.join(_CREDENTIALS.values())}.")

    def put(self, name: str, content: bytes) -> None:
        with _failing_as_os_error(name):
            self.client.upload_blob(self._get_valid_path(name), content, overwrite=True, timeout=READ_SECONDS)

    def read(self, name: str) -> bytes:
        with _failing_as_os_error(name):
            return bytes(self.client.download_blob(self._get_valid_path(name), timeout=READ_SECONDS).readall())

    def delete(self, name: str) -> None:
        with _failing_as_os_error(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _failing_as_os_error(name):
            return bool(super().exists(name))

    def names(self, folder: str) -> list[str]:
        # Its listdir() gives whole blob names, those of deeper folders too.
        start = f"{self._get_valid_path(folder)}/"
        with _failing_as_os_error(folder):
            found = [blob.name.removeprefix(start) for blob in self.client.list_blobs(name_starts_with=start)]
        return [f"{folder}/{file}" for file in found if "/" not in file]

    def url(self, *_: Any, **__: Any) -> NoReturn:
        raise PrivateRecording

    def _get_service_client(self) -> Any:
        if self.connection_string is None:
            return super()._get_service_client()
        # django-storages leaves the time-outs out here.
        return azure_storage.BlobServiceClient.from_connection_string(self.connection_string, **self.client_options)


@contextmanager
def _failing_as_os_error(name: str) -> Iterator[None]:
    try:
        yield
    except azure_storage.ResourceNotFoundError as error:
        absent = getattr(error, "error_code", "") != "ContainerNotFound"
        raise (FileNotFoundError if absent else OSError)(f"Azure Blob, {name}: {error}") from error
    except Exception as error:  # the base of Azure's own errors is in azure.core, which only calls/acs/ may import
        raise OSError(f"Azure Blob, {name}: {error}") from error
