"""Reads a message in any generation, casing and dress; wire.py comes here with all that is not the common form.

Tells what kind a message is and where its body lies; readers.py reads the body. Knows nothing of sockets.
"""

from collections.abc import Callable

import msgspec

from media.stream import readers
from media.stream.errors import BadPacket
from media.stream.fields import Fields
from media.stream.packets import Packet, Unknown

_READERS: dict[str, Callable[[Fields], Packet]] = {
    "audioMetadata": readers.audio_metadata,
    "audioData": readers.audio_data,
    "dtmfData": readers.dtmf_data,
    "dtmfMetadata": readers.dtmf_data,
    "dtmfTone": readers.dtmf_data,
    "transcriptionMetadata": readers.transcription_metadata,
    "transcriptionData": readers.transcription_data,
    "markData": readers.mark_data,
}
_NAMES = {name.lower(): name for name in _READERS}

# Fields by which a body is known that lies in the message itself (generation 0, or a kind beside its fields).
_FLAT = {
    "audioMetadata": ("format", "encoding", "sampleRate", "subscriptionId"),
    "audioData": ("data", *readers.SILENT),
    "dtmfData": readers.TONE,
    "dtmfMetadata": readers.TONE,
    "dtmfTone": readers.TONE,
    "transcriptionMetadata": ("subscriptionId", "locale"),
    "transcriptionData": ("text",),
    "markData": ("id",),
}


def read(message: str | bytes) -> Packet:
    """The packet in a message; BadPacket where there is none."""
    top = Fields("", _json_object(_text(message)))
    kind = top.text("kind", limit=100) or _kind_by_fields(top)
    name = _NAMES.get(kind.lower())
    return Unknown(kind) if name is None else _READERS[name](_body(top, name))


def _text(message: str | bytes) -> str:
    """The text without byte order mark, and without the NULs of a sender that sends its whole buffer."""
    try:
        text = message if isinstance(message, str) else message.decode()
    except UnicodeDecodeError:
        raise BadPacket("message", "is not UTF-8") from None
    text = text.lstrip("\ufeff").rstrip("\0 \t\r\n")
    if not text:
        raise BadPacket("message", "is empty")
    return text


def _json_object(text: str) -> dict[str, object]:
    try:
        content = msgspec.json.decode(text)
    except RecursionError:
        raise BadPacket("message", "is nested too deeply") from None
    except UnicodeError:
        raise BadPacket("message", "holds half of a surrogate pair") from None
    except msgspec.DecodeError as error:
        raise BadPacket("message", f"is not JSON ({error})") from None
    if not isinstance(content, dict):
        raise BadPacket("message", "is not a JSON object")
    return content


def _kind_by_fields(top: Fields) -> str:
    """Without `kind` (generation 0, Java preview) the name of the one body tells, or its fields."""
    named = [name for name in _READERS if isinstance(top.value(name), dict)]
    if len(named) == 1:
        return named[0]
    if named:
        raise BadPacket("kind", f"is missing beside {' and '.join(named)}")
    if isinstance(top.value("format"), dict) or top.value("sampleRate") is not None:
        return "audioMetadata"
    signs = [top.value(*names) is not None for names in (("data",), readers.SILENT, ("timestamp",), readers.LANE)]
    if any(signs[:2]) and sum(signs) >= 2:  # `data` alone may be anything
        return "audioData"
    raise BadPacket("kind", "is missing, and no field tells it")


def _body(top: Fields, name: str) -> Fields:
    """The object that holds a packet's fields: under its kind's name, wrapped in it twice, or the message itself."""
    content = top.value(name, "dtmfData") if name.startswith("dtmf") else top.value(name)
    if isinstance(content, str) and name == "dtmfTone":
        return Fields(name, {"tone": content})
    if content is None and top.value(*_FLAT[name]) is not None:
        content = top.content
    if content is None:
        raise BadPacket(name, "is missing")
    if not isinstance(content, dict):
        raise BadPacket(name, "must be an object")
    body = Fields(name, content)
    wrapped = body.value(name)
    return Fields(name, wrapped) if isinstance(wrapped, dict) else body
