"""Recordings in S3 and Azure Blob, over HTTP, through the SDKs."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.recordings import recordings_storage
from media.errors import PrivateRecording
from media.storage import Recordings
from media.storage.azure import AzureRecordings
from media.storage.s3 import S3Recordings
from tests.media.object_store import object_store

NAME = "sessions/5d1f/piece one.flac"


def options_of(url: str) -> dict[str, str]:
    return recordings_storage(url)["OPTIONS"]  # type: ignore[return-value]


def in_s3(endpoint: str) -> Recordings:
    return S3Recordings(**options_of(f"s3://calls/kept?endpoint={endpoint}"))


def in_azure(endpoint: str, **options: object) -> Recordings:
    account = f"AccountName=acct;AccountKey=a2V5;BlobEndpoint={endpoint}/acct;DefaultEndpointsProtocol=http"
    return AzureRecordings(**options_of("az://acct/calls/kept"), connection_string=account, **options)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture(params=[in_s3, in_azure], ids=["s3", "azure"])
def storage(request: pytest.FixtureRequest) -> Iterator[Recordings]:
    with object_store() as (endpoint, _):
        yield request.param(endpoint)


@pytest.mark.parametrize("content", [b"", b"audio", bytes(range(256)) * 2000])
def test_it_gives_back_what_was_put(storage: Recordings, content: bytes) -> None:
    storage.put(NAME, b"older")
    storage.put(NAME, content)
    assert storage.read(NAME) == content
    assert storage.exists(NAME)


def test_it_says_when_there_is_no_such_file(storage: Recordings) -> None:
    with pytest.raises(FileNotFoundError, match="piece one"):
        storage.read(NAME)
    assert not storage.exists(NAME)
    storage.delete(NAME)


def test_it_deletes(storage: Recordings) -> None:
    storage.put(NAME, b"audio")
    storage.delete(NAME)
    assert not storage.exists(NAME)


def test_it_names_the_files_of_a_folder(storage: Recordings) -> None:
    for name in (
        "sessions/5d1f/a.flac",
        "sessions/5d1f/b c.flac",
        "sessions/5d1f/deep/d.flac",
        "sessions/5d1f2/e.flac",
    ):
        storage.put(name, b"audio")
    assert storage.names("sessions/5d1f") == ["sessions/5d1f/a.flac", "sessions/5d1f/b c.flac"]
    assert storage.names("sessions/none") == []
    for name in storage.names("sessions/5d1f"):
        storage.delete(name)
    assert storage.names("sessions/5d1f") == []


def test_a_recording_has_no_url(storage: Recordings) -> None:
    with pytest.raises(PrivateRecording):
        storage.url(NAME)  # type: ignore[attr-defined]


def test_it_puts_one_object_with_one_request_under_its_prefix() -> None:
    with object_store() as (endpoint, requests):
        in_s3(endpoint).put(NAME, b"audio" * 100_000)
        in_azure(endpoint).put(NAME, b"audio" * 100_000)
        assert requests == [f"PUT /calls/kept/{NAME} 200", f"PUT /acct/calls/kept/{NAME} 201"]


def test_a_store_that_is_away_is_an_os_error() -> None:
    with object_store() as (endpoint, _):
        pass
    with pytest.raises(OSError, match="S3, sessions"):
        in_s3(endpoint).put(NAME, b"audio")
    with pytest.raises(OSError, match="Azure Blob, sessions"):
        in_azure(endpoint, client_options={"retry_total": 0}).put(NAME, b"audio")


def test_azure_without_a_credential_is_refused_with_their_names() -> None:
    with pytest.raises(ImproperlyConfigured, match="AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY"):
        AzureRecordings(**options_of("az://acct/calls"))


def test_where_recordings_are_files_no_sdk_is_loaded() -> None:
    script = "import media.storage, sys; sys.exit(any(name in sys.modules for name in ('boto3', 'azure.storage.blob')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
