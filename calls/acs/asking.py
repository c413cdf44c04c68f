"""The SDK's client, and what goes wrong with a request in plain words."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from azure.communication.callautomation.aio import CallAutomationClient, CallConnectionClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.core.pipeline.policies import AsyncRetryPolicy
from django.conf import settings

from calls.counters import acs_requests
from calls.errors import AcsFailed, NotConfigured
from calls.explanations import explain_http, explain_identity, explain_nonsense, explain_silence, explain_timeout

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 15, 20
STANDING = "tell how a call stands"
BEGINNING = {"place a call", "answer a call", "join a call"}
RINGING = {"answer a call", "reject a call", "redirect a call"}
LONGEST_PAUSE = 5  # that ACS may ask for before the next try; with a longer one its refusal is told at once

_clients: dict[tuple[str, ...], tuple[CallAutomationClient, Any]] = {}


class Retrying(AsyncRetryPolicy[Any, Any]):
    """Somebody waits for the answer: not as long as ACS likes."""

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
        return (self.get_retry_after(response) or 0) <= LONGEST_PAUSE and bool(super().is_retry(settings, response))


def is_configured() -> bool:
    return bool(settings.ACS_CONNECTION_STRING or settings.ACS_ENDPOINT)


def client() -> CallAutomationClient:
    chosen = (settings.ACS_CONNECTION_STRING, settings.ACS_ENDPOINT, settings.ACS_ACCESS_KEY)
    if not is_configured():
        raise NotConfigured
    if chosen not in _clients:
        _clients[chosen] = _make(*chosen)
    return _clients[chosen][0]


def _make(connection_string: str, endpoint: str, key: str) -> tuple[CallAutomationClient, Any]:
    limits: dict[str, Any] = {
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "retry_policy": Retrying(retry_total=2, retry_backoff_factor=0.4, retry_backoff_max=2),
    }
    if connection_string:
        return CallAutomationClient.from_connection_string(connection_string, **limits), None
    credential: Any = AzureKeyCredential(key) if key else _identity()
    return CallAutomationClient(endpoint, credential, **limits), None if key else credential


def _identity() -> Any:
    from azure.identity.aio import DefaultAzureCredential  # a tenth of every process's start, and most have a key

    return DefaultAzureCredential()


async def close() -> None:
    """When the event loop of calls ends: the connections of every client."""
    while _clients:
        _, (client, credential) = _clients.popitem()
        await client.close()
        if credential:
            await credential.close()


@asynccontextmanager
async def asking(what: str) -> AsyncIterator[None]:
    """Turns whatever goes wrong with a request into AcsFailed."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            yield
        acs_requests["ok"] += 1
    except HttpResponseError as error:
        if not error.status_code:  # not sent at all, or its answer was cut off
            acs_requests["silent"] += 1
            raise _unsent(what, error) from None
        acs_requests[str(error.status_code)] += 1
        if error.status_code < 400:
            raise _nonsense(what, error, error.status_code) from None
        failed = _refusal(error, what)
        level = logging.WARNING
        if failed.acs_status == 404:  # a call that is over is no fault; asking whether it is, is no news either
            level = logging.DEBUG if what == STANDING else logging.INFO
        log.log(level, "ACS refused to %s: %s (%s %s)", what, failed.acs_status, failed.code, failed.message)
        raise failed from None
    except TimeoutError:
        acs_requests["silent"] += 1
        raise unanswered(what) from None
    except AzureError as error:
        acs_requests["silent"] += 1
        log.warning("ACS could not be asked to %s: %s", what, error)
        raise _away(error) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # of the SDK, over what it was answered
        acs_requests["nonsense"] += 1
        raise _nonsense(what, error) from None


def unanswered(what: str) -> AcsFailed:
    log.warning("ACS did not answer the request to %s", what)
    return AcsFailed(explain_timeout(where=_host()).sentence)


def _nonsense(what: str, error: Exception, status: int | None = None) -> AcsFailed:
    log.warning("The answer to the request to %s is none of ACS: %s: %s", what, type(error).__name__, str(error)[:500])
    return AcsFailed(explain_nonsense(status, where=_host()).sentence, status)


def _unsent(what: str, error: HttpResponseError) -> AcsFailed:
    if not isinstance(error, ClientAuthenticationError):
        return _nonsense(what, error)
    log.warning("No Azure identity: %s", " ".join(str(error.message).split()))
    return AcsFailed(explain_identity(str(error.message).strip().partition("\n")[0]).sentence)


def _away(error: AzureError) -> AcsFailed:
    why = " ".join(str(error.inner_exception or error.message or error).split())
    if "imeout" in f"{type(error).__name__} {why}" and not isinstance(error, ServiceRequestError):
        return AcsFailed(explain_timeout(where=_host()).sentence)
    return AcsFailed(explain_silence(why, where=_host()).sentence)


def _refusal(error: HttpResponseError, what: str) -> AcsFailed:
    theirs = error.error or getattr(getattr(error, "model", None), "error", None)
    code, message = str(getattr(theirs, "code", "") or ""), str(getattr(theirs, "message", "") or "")
    said = explain_http(error.status_code or 0, code, message, begins=what in BEGINNING, rings=what in RINGING)
    return AcsFailed(said.sentence, error.status_code, code, message)


def _host() -> str:
    return urlsplit(endpoint()).netloc


def endpoint() -> str:
    """The address of the resource, without its key."""
    if settings.ACS_CONNECTION_STRING:
        parts = (part.partition("=") for part in settings.ACS_CONNECTION_STRING.split(";"))
        return next((rest for name, _, rest in parts if name.strip().lower() == "endpoint"), "")
    return str(settings.ACS_ENDPOINT)


def connection(call_connection_id: str) -> CallConnectionClient:
    return client().get_call_connection(call_connection_id)
