"""What ACS's numbers mean to an operator: what happened and what to do, with ACS's own words beside ours. Pure."""

from typing import NamedTuple

from calls.codes import AGAIN, CODE, IDENTITY, NOTHING, OVER, SIP, SUB_CODES
from calls.masking import masked
from calls.webhooks.bodies import storable

LONGEST_MESSAGE = 500
_OUTBOUND, _INBOUND = 560, 540  # a telephone network's own answer, in the thousands of a sub-code

# The same sub-code, or none, means something else with this code.
_PAIRS: dict[tuple[int, int], tuple[str, str]] = {
    (405, 8522): ("Something is missing that had to be set when the call was answered.", "ACS's words say what."),
}

_CLOCK = "Compare ACS_ACCESS_KEY with the portal's keys, and this machine's clock with the true time."
_HTTP: dict[int, tuple[str, str]] = {
    400: ("ACS does not accept the request.", "ACS's words say why. " + CODE),
    401: ("ACS does not know us: the key is wrong, or this machine's clock.", _CLOCK),
    403: ("ACS does not allow us this.", "Check that ACS_CALLER_ID is a number of this resource, and the permissions."),
    404: ("ACS does not find this.", "The call is over, or ACS_ENDPOINT belongs to another resource."),
    405: ("ACS does not support this.", "Look at Call Automation's known limits."),
    408: ("ACS did not answer in time.", AGAIN),
    409: ("This is not possible in the call's present state.", OVER),
    412: ("Another action of the call is in the way.", "Wait until it is over, then try again."),
    413: ("The request is too large for ACS.", CODE),
    415: ("ACS does not take this form of request.", CODE),
    422: ("ACS does not accept a value of the request.", "ACS's words name it. " + CODE),
    429: ("ACS has too many requests of this resource.", "Wait a minute, then try again."),
    500: ("ACS failed.", AGAIN),
    502: ("ACS is out of reach behind its own gateway.", AGAIN),
    503: ("ACS is overloaded or under repair.", AGAIN),
    504: ("ACS did not answer in time behind its own gateway.", AGAIN),
}
_BEGINNING = dict.fromkeys((409, 412), ("ACS does not bring this call about now.", "ACS's words may say why. " + AGAIN))
_GONE = "The caller gave up, or somebody else answered.", "The caller must call again."
# Codes of an event that mean one thing, whatever the sub-code; the others may be the network's or the service's own.
_CLEAR = {480, 484, 486, 487, 600, 603, 604, 606}
# The field that ACS names where it does not accept a value, and whose mistake that is.
_FIELDS = (
    ("callbackuri", "ACS does not accept our address.", "Set PUBLIC_URL to an https address that the internet knows."),
    ("transporturl", "ACS does not accept our socket.", "Set PUBLIC_URL to an https address that the internet knows."),
    ("sourcecallerid", "ACS does not accept the caller's number.", "Set ACS_CALLER_ID to a number of this resource."),
    ("cognitiveservices", "ACS does not accept the speech service.", "Check ACS_COGNITIVE_ENDPOINT."),
    ("incomingcallcontext", "This incoming call cannot be answered any more.", "The caller must call again."),
    ("target", "ACS does not accept whom to call.", "Check the number or id."),
    ("participant", "ACS does not accept this person.", "Check the number or id."),
)
_CODES = {"unauthorized": 401, "denied": 403, "forbidden": 403, "toomanyrequests": 429, "notfound": 404}


class Explanation(NamedTuple):
    """`words`: what happened. `advice`: what to do. `theirs`: ACS's own codes and words, "" where it said nothing.
    `known`: whether these numbers mean something to us."""

    words: str
    advice: str
    known: bool
    theirs: str = ""

    @property
    def in_our_words(self) -> str:
        """What happened, and what to do; for places where ACS's codes stand beside."""
        return self.words if self.advice == NOTHING else f"{self.words} {self.advice}"

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return f"{self.in_our_words} ({self.theirs})" if self.theirs else self.in_our_words


def explain(code: int | None, sub_code: int | None, message: str = "", *, where: str = "") -> Explanation:
    """The result of an event. `where`: the place that it is about, like the host of our media socket; no secret."""
    theirs = _theirs("ACS", [number for number in (code, sub_code) if number is not None], message)
    if found := (sub_code == 8523 and _by_field(message)) or _of_result(code, sub_code):
        return _filled(found, True, theirs, where)
    if code is not None and 200 <= code < 300:
        return Explanation("It worked.", NOTHING, False, theirs)
    if code in _HTTP:
        return _filled(_HTTP[code], not sub_code, theirs, where)
    return Explanation("ACS says that it did not work.", "ACS's words may say why. " + AGAIN, False, theirs)


def explain_http(
    status: int,
    code: str | int | None = None,
    message: str = "",
    *,
    where: str = "",
    begins: bool = False,
    rings: bool = False,
) -> Explanation:
    """The refusal of a request. `code` and `message` are those of ACS's error body, where there was one. `begins`: it
    was to bring a call about, which had no state yet and no other action. `rings`: it was about a call that comes
    in."""
    code = str(code or "").strip()[:100]
    theirs = _theirs("ACS answered", [status, *([code] if code else [])], message)
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 9 else None
    found = _of_sub_code(status, number) if number else None
    if number == 8523 or (found is None and status == 400):
        found = _by_field(message) or found
    found = (_BEGINNING.get(status) if begins else None) or found
    found = _GONE if rings and status == 404 else found
    if found := found or _HTTP.get(status) or _HTTP.get(_CODES.get(code.lower(), 0)):
        return _filled(found, True, theirs, where)
    if status >= 500:
        return Explanation("ACS failed.", AGAIN, False, theirs)
    return Explanation("ACS refused the request.", "ACS's words may say why. " + IDENTITY, False, theirs)


def explain_silence(why: str = "", *, where: str = "") -> Explanation:
    """Where ACS gave no answer at all. `where`: its host."""
    found = "ACS cannot be reached{at}.", "Check ACS_ENDPOINT, and this machine's network, name server and clock."
    return _filled(found, True, _theirs("", [], why), where)


def explain_timeout(*, where: str = "") -> Explanation:
    """Where ACS took the request and let us wait: it may have done it all the same."""
    found = (
        "ACS{at} did not answer in time, so nobody knows whether it did this.",
        "Look at the call before you try again.",
    )
    return _filled(found, True, "", where)


def explain_nonsense(status: int | None = None, *, where: str = "") -> Explanation:
    """Where something answered that is not ACS: a proxy, the page of a network, another server."""
    found = "What answered{at} is not ACS.", "Check ACS_ENDPOINT, and the proxies on the way to it."
    return _filled(found, True, _theirs("It answered", [status], "") if status else "", where)


def explain_identity(why: str) -> Explanation:
    """Where no key is set, and there is no Azure identity either."""
    advice = "Set ACS_ACCESS_KEY, or give this machine a managed identity that may use the resource."
    return Explanation("This server has no Azure identity to show to ACS.", advice, True, _theirs("", [], why))


def _by_field(message: str) -> tuple[str, str] | None:
    plain = message.lower().replace(" ", "").replace("_", "")
    return next(((words, advice) for field, words, advice in _FIELDS if field in plain), None)


def _of_result(code: int | None, sub_code: int | None) -> tuple[str, str] | None:
    if sub_code and (found := _of_sub_code(code, sub_code)):
        return found
    if code in _CLEAR:
        return SIP[code]
    return SUB_CODES[0] if sub_code == 0 and code is not None and (code == 0 or 200 <= code < 300) else None


def _of_sub_code(code: int | None, sub_code: int) -> tuple[str, str] | None:
    if code is not None and (code, sub_code) in _PAIRS:
        return _PAIRS[code, sub_code]
    network, answer = divmod(sub_code, 1_000)
    return SUB_CODES.get(sub_code) or (SIP.get(answer) if network in {_OUTBOUND, _INBOUND} else None)


def _filled(found: tuple[str, str], known: bool, theirs: str, where: str) -> Explanation:
    words, advice = found
    return Explanation(words.replace("{at}", f" at {where}" if where else ""), advice, known, theirs)


def _theirs(who: str, numbers: list[int | str], message: str) -> str:
    """Like `ACS 400/8581: Action failed, …`. ACS may repeat our addresses, and with them our tokens."""
    message = masked(storable(" ".join(message.split())))
    message = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
    if not numbers:
        return message and (f"{who} says: {message}" if who else message)
    head = f"{who} {'/'.join(map(str, numbers))}"
    return f"{head}: {message}" if message else head
