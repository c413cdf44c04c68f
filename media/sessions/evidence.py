"""A session's state from what is stored, and why in plain words. Pure: the clock comes in as an argument.

The law is INTERFACE.md's table of states. Nothing here is an intention: a session is recording because a frame is
durable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WAITING, RECORDING, NO_AUDIO = "waiting", "recording", "no_audio"
NO_SOCKET, NO_FRAME = "No socket has been opened yet.", "A socket is open; no frame has come yet."
ENDED, INTERRUPTED, FAILED = "ended", "interrupted", "failed"
FINAL = (ENDED, INTERRUPTED, FAILED)

SHORTEST_END = timedelta(seconds=2)  # that is worth a number: the two ends of it are not of one clock
SILENT_SPOOL = timedelta(seconds=60)
"""After this long without a sign of life of the process that holds a socket, the socket is not believed to be open."""
UNSURE = timedelta(seconds=10)
"""After this long without a commit to its spool, what came meanwhile is not said to be stored."""
LOST_SPOOL = timedelta(hours=1)
"""After this long it is believed to have ended: its disk is gone, or the database is a copy from when it was open."""
GONE_SPOOL = timedelta(days=1)
"""After this long what its spool held is believed to be lost. Longer, because who reads a final session does not look
again, and a machine may be off for a night, or away from the database for hours with its spool whole."""


@dataclass(frozen=True, slots=True)
class Link:
    """One connection: `seen_at` is how far its spool has been read, `told_at` when its archiver last told of it,
    `process_seen_at` when its process last told of itself, `durable_at` up to when its spool was committed then,
    `failing` whether it could not be, `closed_by` peer, lost, server, crash or "". `lost`: how
    many frames at least went with its spool, None where it is not given up."""

    opened_at: datetime
    last_frame_at: datetime | None
    seen_at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    close_code: int | None = None
    close_reason: str = ""
    failure: str = ""
    process_seen_at: datetime | None = None
    durable_at: datetime | None = None
    failing: bool = False
    told_at: datetime | None = None
    archived: bool = False
    lost: int | None = None

    @property
    def heard_at(self) -> datetime:
        """When anybody who has its spool was heard of."""
        return max(at for at in (self.seen_at, self.told_at, self.process_seen_at) if at)

    def is_gone(self, now: datetime) -> bool:
        """Whether its spool is, with what of it is not archived."""
        return not self.archived and self.lost is None and now - self.heard_at > GONE_SPOOL

    def is_lost(self, now: datetime) -> bool:
        """Whether nothing is heard of an open socket any more."""
        heard = max(self.seen_at, self.process_seen_at or self.seen_at)
        return self.closed_at is None and now - heard > LOST_SPOOL

    def given_up(self, now: datetime) -> "Link":
        """A lost one as ended. Whatever its spool still tells counts again."""
        return replace(self, closed_at=self.seen_at, closed_by="crash") if self.is_lost(now) else self

    def unstored_since(self, now: datetime) -> datetime | None:
        """Since when nothing that comes on it is known to be stored; None where all is, or nobody says."""
        sure = max(self.seen_at, self.durable_at or self.seen_at)
        told = self.durable_at is not None and (self.failing or now - sure > UNSURE)
        return sure if told else None

    @property
    def by_us(self) -> bool:
        """Whether it ended because this server did."""
        return self.closed_by == "crash" or (self.closed_by == "server" and self.close_code == 1012)


@dataclass(frozen=True, slots=True)
class CallKnown:
    """What is known of the session's call; `reason` of its end, `trouble` why no sound comes, `lost_at` since when.
    `ended_at` is ACS's word, or when we heard that it is over, so it may be late."""

    state: str
    reason: str = ""
    was_connected: bool = True
    streaming_wanted: bool = True
    stopped_by: str = ""
    trouble: str = ""
    announcing: bool = False
    lost_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.state in {"ended", "failed"}

    @property
    def was_stopped(self) -> bool:
        """By somebody, and not started again."""
        return not self.streaming_wanted and bool(self.stopped_by)

    def lost_its_end(self, last: Link) -> bool:
        """Whether it went on when its sound was over, as far as anybody knows; `last` is its last connection."""
        came_back = self.lost_at is not None and last.opened_at > self.lost_at
        return self.was_connected and (self.was_stopped or (bool(self.trouble) and not came_back) or last.by_us)

    def why_no_sound(self) -> str:
        """ "" where nothing explains it."""
        if self.announcing:
            return "The announcement comes first; recording begins after it."
        if self.was_stopped:
            return f"Streaming was stopped by {self.stopped_by}."
        if self.trouble:
            return self.trouble
        if not self.streaming_wanted:
            return "Streaming was not started."
        return "" if self.was_connected or self.is_over else f"The call is {self.state}."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a session. `call` is None where none is known."""

    links: Sequence[Link]
    call: CallKnown | None = None
    url_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    state: str
    reason: str


def judge(evidence: Evidence, now: datetime, no_audio: timedelta, rejoin: timedelta) -> Judgement:
    """The state at `now`; `no_audio` and `rejoin` are MEDIA_NO_AUDIO_SECONDS and MEDIA_REJOIN_SECONDS."""
    links = sorted(evidence.links, key=lambda link: link.opened_at)
    found = _judge(evidence, links, now, no_audio, rejoin) if links else _never_came(evidence, now)
    lost = [link for link in links if link.lost is not None]
    return replace(found, reason=f"{found.reason} {_gone(lost)}") if lost and found.state in FINAL else found


def _judge(
    evidence: Evidence, links: Sequence[Link], now: datetime, no_audio: timedelta, rejoin: timedelta
) -> Judgement:
    newest = links[-1]
    if newest.failure:
        return Judgement(FAILED, newest.failure)
    frames = [link.last_frame_at for link in links if link.last_frame_at]
    last_frame = max(frames) if frames else None
    opened = [link for link in links if link.closed_at is None]
    if opened:
        return _open(opened, last_frame, now, no_audio)
    return _closed(evidence, links, last_frame, now, rejoin)


def _never_came(evidence: Evidence, now: datetime) -> Judgement:
    if evidence.call:
        return _call_without_socket(evidence.call)
    if evidence.url_expires_at and now > evidence.url_expires_at:
        return Judgement(ENDED, "The media URL expired before anybody used it.")
    return Judgement(WAITING, NO_SOCKET)


def _call_without_socket(call: CallKnown) -> Judgement:
    if not call.is_over:
        return Judgement(WAITING, call.why_no_sound() or "The call is connected; ACS has not opened a socket yet.")
    if not call.was_connected:
        return Judgement(ENDED, call.reason or "The call was never connected.")
    why = call.why_no_sound() or "ACS never opened a socket."
    return Judgement(ENDED, f"{call.reason or 'The call ended.'} No audio ever came: {why}")


def _open(opened: Sequence[Link], last_frame: datetime | None, now: datetime, no_audio: timedelta) -> Judgement:
    seen = max(link.seen_at for link in opened)
    if waits := unstored(opened, last_frame, now, no_audio):
        return waits
    if now - seen > SILENT_SPOOL:
        return Judgement(NO_AUDIO, f"No word for {_span(now - seen)} from the server process that holds the socket.")
    if last_frame is None:
        waited = seen - min(link.opened_at for link in opened)
        if waited <= no_audio:
            return Judgement(WAITING, NO_FRAME)
        return Judgement(NO_AUDIO, f"A socket is open, but no frame came for {_span(waited)}.")
    silence = seen - last_frame
    if silence <= no_audio:
        return Judgement(RECORDING, "Frames are coming in and are stored.")
    return Judgement(NO_AUDIO, f"The socket is open, but no frame came for {_span(silence)}.")


def unstored(
    opened: Sequence[Link], last_frame: datetime | None, now: datetime, no_audio: timedelta
) -> Judgement | None:
    """Where what comes on open sockets waits in memory, as far as anybody knows: for a disk that is full or hangs."""
    since = [at for link in opened if (at := link.unstored_since(now))]
    if len(since) < len(opened):
        return None
    when = f"since {max(since):%H:%M:%S} UTC"
    why = f"Nothing is stored {when}: the server cannot write its spool. What comes waits in memory: look at the disk."
    if all(now - (link.process_seen_at or link.seen_at) > UNSURE for link in opened):
        why = f"No word {when} from the server process that holds the socket: what came since may not be stored."
    quiet = now - (last_frame or min(link.opened_at for link in opened)) > no_audio
    return Judgement(NO_AUDIO if quiet else RECORDING if last_frame else WAITING, why)


def _closed(
    evidence: Evidence, links: Sequence[Link], last_frame: datetime | None, now: datetime, rejoin: timedelta
) -> Judgement:
    last = max(links, key=lambda link: link.closed_at or link.opened_at)
    closed_at = last.closed_at or last.opened_at
    how = _how(last)
    if evidence.call and evidence.call.is_over:
        return Judgement(ENDED, _over(evidence.call, last, last_frame, how))
    if evidence.call:
        why = evidence.call.why_no_sound() or f"{how} The call still runs, so it may come back."
        return Judgement(NO_AUDIO, why)
    if last.closed_by == "peer":
        return Judgement(ENDED, how if last_frame else f"{how} No audio ever came.")
    if last.closed_by == "server" and last.close_code != 1012:
        return Judgement(ENDED, how)
    if now - closed_at <= rejoin:
        return Judgement(NO_AUDIO, f"{how} It may come back for another {_span(rejoin - (now - closed_at))}.")
    return Judgement(INTERRUPTED, f"{how} Nothing came back.")


def _over(call: CallKnown, last: Link, last_frame: datetime | None, how: str) -> str:
    reason, why = call.reason or "The call ended.", call.why_no_sound() or how
    if last_frame is None:
        return f"{reason} No audio ever came: {why}"
    if not call.lost_its_end(last):
        return reason
    missing = call.ended_at - last_frame if call.ended_at else timedelta()
    what = f"At most its last {_span(missing)} were" if missing >= SHORTEST_END else "Its end was"
    return f"{reason} {what} not recorded: {how if last.by_us else why}"


def _gone(lost: Sequence[Link]) -> str:
    frames = sum(link.lost or 0 for link in lost)
    least = f": at least {frames} frames of 20 ms" if frames else ""
    heard = f"{max(link.heard_at for link in lost):%Y-%m-%d %H:%M} UTC"
    return f"What its server process had not archived when it was last heard of ({heard}) is lost{least}."


def _how(link: Link) -> str:
    code = f" (code {link.close_code})" if link.close_code and link.close_code != 1005 else ""
    why = f": {link.close_reason}" if link.close_reason else "."
    ours = "This server was stopped." if link.close_code == 1012 else f"This server closed the stream{code}{why}"
    return {
        "peer": f"The other side closed the stream{code}.",
        "lost": "The connection broke off without a close frame.",
        "server": ours,
        "crash": "This server's process died.",
    }.get(link.closed_by, "The stream was closed.")


def _span(length: timedelta) -> str:
    seconds = max(0, round(length.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h {seconds % 3600 // 60} min"
