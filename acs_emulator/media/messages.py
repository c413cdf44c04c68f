"""What the service says on a media socket, in every generation of ACS.md 2.1. Pure: values in, JSON text out.

`2`, `2p` and `1`: `{"kind":"AudioData","audioData":{…,"participantRawID","silent"}}`, with other words in transcription
· `0`: no kind, `participantId`, `isSilence`, `format` · `java`: no kind, `participantRawId`, `tone` · `pascal`: as 2 in
PascalCase, `IsSilent`.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

Generation = str
Fields = Mapping[str, Any]

# .NET's ticks of 100 ns between the years 1 and 1970.
_TICKS_OF_1970 = 621_355_968_000_000_000

_RAW_ID = {"0": "participantId", "java": "participantRawId"}
_SILENT = {"0": "isSilence", "pascal": "isSilent"}


def audio_metadata(generation: Generation, subscription_id: str, rate: int, frame_bytes: int) -> str:
    form = {"encoding": "PCM", "sampleRate": rate, "channels": 1, "length": frame_bytes}
    if generation == "0":
        return _json({"subscriptionId": subscription_id, "format": form | {"length": float(frame_bytes)}})
    if generation == "java":
        form["encoding"] = "Pcm"
    return _shaped(generation, "AudioMetadata", {"subscriptionId": subscription_id, **form})


def audio(generation: Generation, stamp: str, lane: str | None, data: str | None, silent: bool) -> str:
    """data: base64; null where there is none."""
    flag = "true" if silent else "false"
    content = "null" if data is None else f'"{data}"'
    if generation in {"1", "2", "2p"}:  # by far the most: written by hand, five times as fast
        who = "" if lane is None else f'"participantRawID":{_quoted(lane)},'
        when = f'"{stamp}"'
        return f'{{"kind":"AudioData","audioData":{{"timestamp":{when},{who}"data":{content},"silent":{flag}}}}}'
    fields: dict[str, Any] = {"timestamp": stamp}
    if lane is not None:
        fields[_RAW_ID.get(generation, "participantRawID")] = lane
    return _shaped(generation, "AudioData", fields | {"data": data, _SILENT.get(generation, "silent"): silent})


def dtmf(generation: Generation, stamp: str, lane: str, tone: str) -> str:
    """A key that was pressed; `a`–`d` are letters on the wire, too."""
    if generation == "java":
        return _json({"dtmfData": {"tone": tone}})
    return _shaped(generation, "DtmfData", {"timestamp": stamp, "participantRawID": lane, "data": tone})


def transcription_metadata(generation: Generation, fields: Fields) -> str:
    if generation == "2p":
        redaction = {"enable": False, "redactionType": "maskWithCharacter"}
        fields = {**fields, "piiRedactionOptions": redaction, "enableSentimentAnalysis": True}
        fields = {**fields, "locales": [fields["locale"]]}
    return _shaped(generation, "TranscriptionMetadata", fields)


def transcription(generation: Generation, fields: Fields, *, began_ns: int = 0, locale: str = "") -> str:
    """Offsets in ticks of 100 ns since the stream began, which was at `began_ns`; early previews counted them from the
    year 1, and knew no durations."""
    if generation == "1":
        fields = _since_year_1(fields, began_ns)
        if "words" in fields:
            fields = {**fields, "words": [_since_year_1(word, began_ns) for word in fields["words"]]}
    if generation == "2p" and fields["resultStatus"] == "Final":
        fields = {**fields, "sentimentAnalysisResult": {"sentiment": "neutral"}, "languageIdentified": locale}
    return _shaped(generation, "TranscriptionData", fields)


def _since_year_1(fields: Fields, began_ns: int) -> dict[str, Any]:
    offset = fields["offset"] + began_ns // 100 + _TICKS_OF_1970
    return {name: offset if name == "offset" else value for name, value in fields.items() if name != "duration"}


def mark(mark_id: str, status: str) -> str:
    """The preview's answer to a mark: `Completed` or `Cancelled`."""
    return _json({"kind": "MarkData", "markData": {"id": mark_id, "status": status}})


def _shaped(generation: Generation, kind: str, fields: Fields) -> str:
    key = kind[:1].lower() + kind[1:]
    if generation == "0":
        return _json(fields)
    if generation == "java":
        return _json({key: fields})
    if generation == "pascal":
        return _json({"Kind": kind, kind: {name[:1].upper() + name[1:]: value for name, value in fields.items()}})
    return _json({"kind": kind, key: fields})


@lru_cache(maxsize=4096)
def _quoted(lane: str) -> str:
    return json.dumps(lane)


def _json(content: Fields) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)
