"""Raw ids and the JSON that stands for them (ACS.md 2.4 and 4.8). Requests carry no `kind`, answers do. Pure."""

from collections.abc import Mapping
from typing import Any

_CLOUDS = {"8:orgid:": "public", "8:dod:": "dod", "8:gcch:": "gcch"}
_APP_CLOUDS = {"28:orgid:": "public", "28:dod:": "dod", "28:gcch:": "gcch"}
_USERS = ("8:acs:", "8:spool:", "8:dod-acs:", "8:gcch-acs:")
_USER_CLOUDS = {"8:acs:": "public", "8:dod-acs:": "dod", "8:gcch-acs:": "gcch"}

# Which part of a request's identifier names it, in which field, and what its raw id begins with.
_PARTS = (
    ("communicationUser", "id", ""),
    ("phoneNumber", "value", "4:"),
    ("microsoftTeamsUser", "userId", "8:orgid:"),
    ("microsoftTeamsApp", "appId", "28:orgid:"),
)


def raw_id_of(model: Mapping[str, Any]) -> str:
    """The raw id that a request's identifier means; "" where it means none."""
    if model.get("rawId"):
        return str(model["rawId"])
    for part, field, prefix in _PARTS:
        if isinstance(inner := model.get(part), Mapping) and inner.get(field):
            return f"{prefix}{inner[field]}"
    if isinstance(inner := model.get("teamsExtensionUser"), Mapping):
        return f"8:acs:{inner.get('resourceId')}_{inner.get('tenantId')}_{inner.get('userId')}"
    return ""


def model_of(raw_id: str) -> dict[str, Any]:
    """The identifier as answers and events carry it."""
    return {"rawId": raw_id, **_detail(raw_id)}


def is_phone(raw_id: str) -> bool:
    return raw_id.startswith("4:")


def is_user(raw_id: str) -> bool:
    """Of Communication Services: an identity that an application may own."""
    return raw_id.startswith(_USERS)


def completed(name: str) -> str:
    """What a person types as a raw id: `+1555…` is a telephone number."""
    return f"4:{name}" if name.startswith("+") else name


def _detail(raw_id: str) -> dict[str, Any]:
    if is_phone(raw_id):
        return {"kind": "phoneNumber", "phoneNumber": _phone(raw_id.removeprefix("4:"))}
    if extension := _extension(raw_id):
        return {"kind": "teamsExtensionUser", "teamsExtensionUser": extension}
    if is_user(raw_id):
        return {"kind": "communicationUser", "communicationUser": {"id": raw_id}}
    for prefix, cloud in _CLOUDS.items():
        if raw_id.startswith(prefix):
            user = {"userId": raw_id.removeprefix(prefix), "isAnonymous": False, "cloud": cloud}
            return {"kind": "microsoftTeamsUser", "microsoftTeamsUser": user}
    if raw_id.startswith("8:teamsvisitor:"):
        user = {"userId": raw_id.removeprefix("8:teamsvisitor:"), "isAnonymous": True}
        return {"kind": "microsoftTeamsUser", "microsoftTeamsUser": user}
    for prefix, cloud in _APP_CLOUDS.items():
        if raw_id.startswith(prefix):
            app = {"appId": raw_id.removeprefix(prefix), "cloud": cloud}
            return {"kind": "microsoftTeamsApp", "microsoftTeamsApp": app}
    return {"kind": "unknown"}


def _phone(number: str) -> dict[str, Any]:
    """What follows `_` is an asserted identity (ACS.md 2.4)."""
    if number == "anonymous":
        return {"value": number, "isAnonymous": True}
    value, _, asserted = number.partition("_")
    return {"value": value, "assertedId": asserted} if asserted else {"value": value}


def _extension(raw_id: str) -> dict[str, str] | None:
    """A Teams user who telephones through the resource: three ids where an ordinary user has two."""
    for prefix, cloud in _USER_CLOUDS.items():
        if raw_id.startswith(prefix) and len(ids := raw_id.removeprefix(prefix).split("_")) == 3:
            return dict(zip(("resourceId", "tenantId", "userId"), ids, strict=True)) | {"cloud": cloud}
    return None
