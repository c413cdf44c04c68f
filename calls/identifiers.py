"""Who somebody is to ACS: raw ids, the JSON that stands for them, and what people write (ACS.md 2.4, 4.8). Pure."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from calls.errors import UncallableTarget
from calls.webhooks.bodies import object_of, text_of

Kind = Literal["phone", "acs", "teams", "bot", "unknown"]
LONGEST, LONGEST_SHOWN = 300, 28

_KINDS: tuple[tuple[str, Kind], ...] = (
    ("4:", "phone"),
    ("8:acs:", "acs"),
    ("8:spool:", "acs"),
    ("8:dod-acs:", "acs"),
    ("8:gcch-acs:", "acs"),
    ("8:orgid:", "teams"),
    ("8:dod:", "teams"),
    ("8:gcch:", "teams"),
    ("8:teamsvisitor:", "teams"),
    ("28:", "bot"),
)
_TEAMS = {"public": "8:orgid:", "dod": "8:dod:", "gcch": "8:gcch:"}
_APPS = {"public": "28:orgid:", "dod": "28:dod:", "gcch": "28:gcch:"}

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ORNAMENT = re.compile(r"[\s\-‐‑‒–—−./()\[\]\u200b-\u200f\u202a-\u202e\u2060]+")
_TRUNK_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who can be called."""

    raw_id: str
    kind: Kind

    @property
    def value(self) -> str:
        """The number of a phone, the whole id of a user, the part after the prefix of the others: what ACS's models
        hold."""
        if self.kind in {"phone", "acs"}:
            return self.raw_id.removeprefix("4:")
        return self.raw_id.rpartition(":")[2]


def raw_id_of(model: Any) -> str:
    """The raw id of an identifier in an event or answer, with or without `rawId`; "" where it names nobody."""
    return next((found for found in _readings(model) if 0 < len(found) <= LONGEST), "")


def kind_of(raw_id: str) -> Kind:
    """By the prefix (ACS.md 2.4)."""
    return next((kind for prefix, kind in _KINDS if raw_id.startswith(prefix)), "unknown")


def number_of(raw_id: str) -> str:
    """The number of a telephone (4:+1…, 4:+1…_suffix); "" of all others and of withheld ones."""
    return raw_id[2:].partition("_")[0] if raw_id.startswith("4:+") else ""


def display_of(raw_id: str) -> str:
    """What people read: a phone's number, else the raw id as it is."""
    if raw_id.startswith("4:") and not raw_id.startswith("4:+"):
        return "withheld number" if raw_id[2:].partition("_")[0].lower() in {"anonymous", ""} else raw_id[2:]
    return number_of(raw_id) or raw_id


def short_of(raw_id: str) -> str:
    """As display_of, and of long ids what tells them apart: their kind and their end."""
    shown = display_of(raw_id)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[: shown.rfind(':', 0, 12) + 1]}…{shown[-8:]}"


def book_id(raw_id: str) -> str:
    """The raw id under which the address book holds somebody: a telephone's without what ACS appends to it."""
    number = number_of(raw_id)
    return f"4:{number}" if number else raw_id


def target_of(given: str) -> Target:
    """Who is meant by a number (`+1 555-0100`) or a raw id (`8:acs:…`, `8:orgid:…`, `28:…`, `4:+1…`).
    Raises UncallableTarget with how to write it."""
    text = unicodedata.normalize("NFKC", given).strip()
    if not text:
        raise UncallableTarget(given="Nothing", why="write a number like +4930123456, or a raw id like 8:acs:….")
    if len(text) > LONGEST:
        raise UncallableTarget(given=f"{text[:20]}…", why=f"an id has at most {LONGEST} characters.")
    kind = kind_of(text)
    if kind == "unknown":
        return Target(f"4:{phone_number(text, given)}", "phone")
    if kind == "phone":
        return Target(f"4:{phone_number(text.removeprefix('4:'), given)}", "phone")
    return Target(_identity(text), kind)


def phone_number(text: str, given: str = "") -> str:
    """The number in E.164: spaces, dashes, dots, brackets and (0) are left out. Raises UncallableTarget."""
    plain = re.sub(r"^tel:", "", unicodedata.normalize("NFKC", text).strip(), flags=re.IGNORECASE)
    if plain.startswith("+"):
        plain = _TRUNK_ZERO.sub("", plain)
    number = _ORNAMENT.sub("", plain)
    if _E164.fullmatch(number):
        return number
    raise UncallableTarget(given=(given or text).strip() or "Nothing", why=_why_no_number(number))


def _why_no_number(number: str) -> str:
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return _why_no_digits(number)
    if number.startswith("00") and len(number) > 4:
        return f"write +{number[2:]}, with + in place of 00."
    if number.startswith("+0"):
        return "no country code begins with 0: write + and the country code, like +4930123456."
    if not number.startswith("+"):
        return "write + and the country code before it, like +4930123456."
    return f"a number has 7 to 15 digits after the +, and this has {len(digits)}."


def _why_no_digits(text: str) -> str:
    if _GUID.fullmatch(text) or re.fullmatch(r"[0-9a-fA-F]{32}", text):
        return "an id alone does not say whose it is: write 8:orgid: before it for a Teams user."
    if text.lower().startswith(("sip:", "sips:")):
        return "ACS calls no SIP addresses: write the number, like +4930123456."
    if "@" in text:
        return "ACS calls no e-mail addresses: write 8:orgid: and the user's object id for a Teams user."
    if text.lower() in {"anonymous", "+anonymous"}:
        return "the caller withheld the number."
    if re.match(r"[0-9]+:", text):
        return "ACS knows no such kind of id: use +…, 4:+…, 8:acs:…, 8:orgid:… or 28:…."
    return "write a number like +4930123456, or a raw id like 8:acs:… or 8:orgid:…."


def _identity(text: str) -> str:
    name = text.rpartition(":")[2]
    if text.startswith("8:teamsvisitor:"):
        raise UncallableTarget(given=text, why="a visitor of a Teams meeting has no telephone of their own.")
    if not name:
        raise UncallableTarget(given=text, why="the id after the prefix is missing.")
    if any(sign.isspace() or not sign.isprintable() for sign in text):
        raise UncallableTarget(given=text, why="an id holds no spaces, and nothing that cannot be seen.")
    return text


def _readings(model: Any) -> list[str]:
    """What each part of an identifier says, the surest first."""
    user, phone = object_of(model, "communicationUser"), object_of(model, "phoneNumber")
    teams, app = object_of(model, "microsoftTeamsUser"), object_of(model, "microsoftTeamsApp")
    visitor = "8:teamsvisitor:" if teams.get("isAnonymous") is True else ""
    found = [text_of(model, "rawId"), text_of(user, "id"), _joined("4:", text_of(phone, "value"))]
    found.append(_joined(visitor or _prefix(_TEAMS, teams), text_of(teams, "userId")))
    found.append(_joined(_prefix(_APPS, app), text_of(app, "appId")))
    found.append(_extension(object_of(model, "teamsExtensionUser")))
    return [text.strip() for text in found]


def _joined(prefix: str, name: str) -> str:
    return prefix + name if name else ""


def _prefix(clouds: dict[str, str], model: dict[str, Any]) -> str:
    return clouds.get(text_of(model, "cloud").lower(), clouds["public"])


def _extension(model: dict[str, Any]) -> str:
    parts = [text_of(model, key) for key in ("resourceId", "tenantId", "userId")]
    return "8:acs:" + "_".join(parts) if all(parts) else ""
