"""Audio over HTTP: `GET /sessions/{id}/audio` and `GET /chunks/{id}/audio`. Knows requests and headers, nothing of
users: who may hear is asked, and who heard what is recorded, by the view:

    answer = exports.respond(request, session, options, "wav", play=False)  # raises RefusedAudio: status, loc, sentence
    if answer.heard:
        access.record(user, session, "download", via, *answer.heard)  # first, so that none is forgotten
    return answer.response

`heard` are the milliseconds that the answer holds (those of the byte range, where one was asked for), None where it
holds no audio (HEAD, 304, 416). `respond` is synchronous; for FLAC, MP3 and Opus it takes as long as the encoding.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from os import SEEK_END

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe
from django.utils.text import slugify

from calls.log_context import named
from media.audio.bodies import Body, WavBytes, file_blocks
from media.audio.encodings import ENCODINGS, Format, check, check_rate, encode
from media.audio.playback import Playback, PlaybackOptions, prepare
from media.errors import MissingRecording, StorageAway
from media.models import TICKS_PER_SECOND, AudioChunk, StreamSession
from media.storage import recordings
from media.stream.byterange import BadRange, parse

log = logging.getLogger(__name__)

PLAYED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and the milliseconds of the session (from, to) that it lets somebody hear."""

    response: HttpResponseBase
    heard: tuple[int, int] | None = None


def respond(
    request: HttpRequest, session: StreamSession, options: PlaybackOptions, kind: Format = "wav", play: bool = False
) -> Answer:
    """The audio that is asked for. `play`: to be heard in the page, not saved as a file. Raises RefusedAudio."""
    check_rate(options.sample_rate, kind)
    playback = prepare(session, options)
    check(playback, kind)
    try:
        answer = _wav(request, session, playback, play) if kind == "wav" else _encoded(request, playback, kind)
    except OSError as error:
        log.error("Audio of session %s cannot be given: %s", session.pk, error, extra=named(session=session.pk))
        raise StorageAway from error
    _describe(answer.response, kind, _file_name(session, options, kind), play)
    return answer


def stored(request: HttpRequest, chunk: AudioChunk) -> Answer:
    """A chunk as it is stored: a FLAC file, unread. Raises MissingRecording, StorageAway."""
    tag = f'"{chunk.sha256}"'
    if known := _known(request, tag, None):
        return Answer(known)
    silent = request.method == "HEAD"
    try:
        response = HttpResponse(b"" if silent else recordings().read(chunk.file))
    except FileNotFoundError as error:
        raise MissingRecording from error
    except OSError as error:
        log.error("Chunk %s cannot be given: %s", chunk.pk, error)
        raise StorageAway from error
    response["ETag"] = tag
    if silent:
        response["Content-Length"] = str(chunk.bytes)
    _describe(response, "flac", f"{chunk.pk}.flac", play=False)
    origin = chunk.participant.session.origin_ticks or 0
    first = chunk.position * 1000 // chunk.rate - origin // 48
    return Answer(response, None if silent else (first, first + -(-chunk.samples * 1000 // chunk.rate)))


def _wav(request: HttpRequest, session: StreamSession, playback: Playback, play: bool) -> Answer:
    """Its length is known before its samples: byte ranges, and HEAD that reads none. A player asks for all from here to
    the end and stops reading when it likes, so it is given a minute at a time (RFC 9110, 14.2 allows less than asked):
    then the record of who heard what runs ahead by the pieces a browser fetches early (two), not by the whole call."""
    wav = WavBytes(playback)
    changed_at = None if session.live else session.ended_at
    tag = f'"{playback.identity}"'
    if known := _known(request, tag, changed_at):
        return Answer(known)
    try:
        span = _asked(request, wav.length, tag, changed_at)
    except BadRange as error:
        return Answer(_bad_range(f"{error}; the file has {wav.length} bytes.", wav.length, tag))
    start, end = span or (0, wav.length)
    if play and span:
        end = min(end, start + PLAYED_SECONDS * playback.rate * playback.channels * 2)
    silent = request.method == "HEAD"
    body = Body(iter(()) if silent else wav.blocks(start, end))
    response = StreamingHttpResponse(body, status=206 if span else 200)
    if span:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{wav.length}"
    response["Content-Length"] = str(end - start)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    if changed_at:
        response["Last-Modified"] = http_date(changed_at.timestamp())
    return Answer(response, None if silent else wav.milliseconds(start, end))


def _asked(request: HttpRequest, length: int, tag: str, changed_at: datetime | None) -> tuple[int, int] | None:
    """The byte range asked for; None: the whole, also where the caller has bytes of another state (If-Range)."""
    asked = request.headers.get("Range")
    if request.method != "GET" or not asked:
        return None
    condition = request.headers.get("If-Range", tag)
    if condition != tag and not (changed_at and parse_http_date_safe(condition) == int(changed_at.timestamp())):
        return None
    return parse(asked, length)


def _known(request: HttpRequest, tag: str, changed_at: datetime | None) -> HttpResponse | None:
    """304 where the caller has just this (If-None-Match), 412 where it wants another state (If-Match); else None."""
    response = get_conditional_response(request, tag, int(changed_at.timestamp()) if changed_at else None)
    if response:
        response["ETag"] = tag
    return response


def _bad_range(sentence: str, length: int, tag: str) -> HttpResponse:
    response = JsonResponse({"detail": sentence}, status=416)
    response["Content-Range"] = f"bytes */{length}"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    return response


def _encoded(request: HttpRequest, playback: Playback, kind: Format) -> Answer:
    """Encoded whole before it is sent: its length is known, but HEAD, which must not read it, does not say it."""
    if request.method == "HEAD":
        response = StreamingHttpResponse(Body(iter(())))
        response["Accept-Ranges"] = "none"
        return Answer(response)
    file = encode(playback, kind)
    start = file.tell()
    size = file.seek(0, SEEK_END) - start
    file.seek(start)
    response = StreamingHttpResponse(Body(file_blocks(file), file.close))
    response["Content-Length"] = str(size)
    response["Accept-Ranges"] = "none"
    return Answer(response, playback.milliseconds(0, playback.frames))


def _describe(response: HttpResponseBase, kind: Format, name: str, play: bool) -> None:
    """What every answer says. A copy in a cache would be heard without a record, so none is kept."""
    response["Cache-Control"] = "private, no-store"
    if response.status_code < 300:
        response["Content-Type"] = ENCODINGS[kind].content_type
        response["Content-Disposition"] = content_disposition_header(not play, name) or "inline"


def _file_name(session: StreamSession, options: PlaybackOptions, kind: Format) -> str:
    """Sortable by time, told apart by id, whose and which part: 20260301-120000-support-1a2b3c4d-olga-5-10s.wav."""
    began = datetime.fromtimestamp((session.origin_ticks or 0) / TICKS_PER_SECOND, UTC)
    words = [f"{began:%Y%m%d-%H%M%S}", slugify(session.label)[:60], str(session.pk)[:8]]
    words += [_whose(session, options), options.layout if options.layout != "mono" else "", _part(session, options)]
    return f"{'-'.join(filter(None, words))}.{kind}"


def _whose(session: StreamSession, options: PlaybackOptions) -> str:
    """ "" for all. A name in letters that a slug has none of is told by the lane's id."""
    if not options.participants:
        return ""
    lanes = session.participants.filter(pk__in=options.participants)
    return "-".join(slugify(str(lane)) or str(lane.pk)[:8] for lane in lanes)[:60]


def _part(session: StreamSession, options: PlaybackOptions) -> str:
    """Seconds of the session: 5-10s; "" for the whole."""
    if options.from_ms is None and options.to_ms is None:
        return ""
    end = min(options.to_ms or session.duration_ms, session.duration_ms)
    return f"{(options.from_ms or 0) / 1000:.10g}-{end / 1000:.10g}s"
