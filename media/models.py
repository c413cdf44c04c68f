"""What was said: sessions, connections, participants, chunks, gaps, and who heard them. Written by the archiver alone
(except for labels, notes of people and the access log). Knows nothing of sockets and spools.

Units: a *position* is absolute, in samples since the epoch at the row's own rate. *Ticks* are 1/48 000 s: exact for
8, 16, 24 and 48 kHz, so lanes of different rates can be added and aligned."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

TICKS_PER_SECOND = 48_000
TICKS_PER_MS = 48


class MediaUrl(models.Model):
    """A signed socket URL that we gave out for a call that somebody else controls."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    label = models.CharField(max_length=200, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    reusable = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return self.label or str(self.id)


class StreamSession(models.Model):
    """The recording of one call. Its id is derived from what the socket proved (media/identity.py)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RECORDING = "recording"
        NO_AUDIO = "no_audio", "no audio"
        ENDED = "ended"
        INTERRUPTED = "interrupted"
        FAILED = "failed"

    FINAL: ClassVar = (State.ENDED, State.INTERRUPTED, State.FAILED)

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.ForeignKey("calls.Call", null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    media_url = models.ForeignKey(MediaUrl, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    call_connection_id = models.CharField(max_length=100, blank=True, db_index=True)
    correlation_id = models.CharField(max_length=100, blank=True, db_index=True)
    label = models.CharField(max_length=200, blank=True)
    external_id = models.CharField(max_length=200, blank=True, db_index=True)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    live = models.BooleanField(default=True)
    channels = models.CharField(max_length=8, blank=True, choices=(("mixed", "mixed"), ("unmixed", "unmixed")))
    sample_rate = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_frame_at = models.DateTimeField(null=True, blank=True)
    origin_ticks = models.BigIntegerField(null=True, blank=True)
    end_ticks = models.BigIntegerField(null=True, blank=True)
    # Counters, as INTERFACE.md defines them: received = stored + duplicate; silent and late are among stored.
    received = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    silent = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    malformed = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    duration_ms = models.BigIntegerField(default=0)
    gap_ms = models.BigIntegerField(default=0)
    gap_count = models.IntegerField(default=0)
    quarantined_bytes = models.IntegerField(default=0)

    class Meta:
        ordering = ("-started_at", "-id")
        permissions = (
            ("hear_live", "Can hear running calls"),
            ("replay", "Can replay recordings"),
            ("download", "Can download recordings"),
            ("annotate", "Can write notes and markers"),
        )
        indexes = (
            models.Index(fields=["-started_at", "-id"], name="session_newest"),
            models.Index(fields=["id"], name="session_live", condition=Q(live=True)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(live=True) | Q(state__in=("ended", "interrupted", "failed")), name="session_done_is_final"
            ),
            models.CheckConstraint(condition=Q(received=F("stored") + F("duplicate")), name="session_counts_add_up"),
            models.CheckConstraint(
                condition=Q(origin_ticks__isnull=True) | Q(end_ticks__gte=F("origin_ticks")),
                name="session_ends_after_origin",
            ),
        )

    def __str__(self) -> str:
        return self.label or f"session {str(self.id)[:8]}"


class Tombstone(models.Model):
    """The id of a deleted session: audio that still comes for it goes to a new session."""

    session_id = models.UUIDField(primary_key=True)
    deleted_at = models.DateTimeField(default=timezone.now)


class Connection(models.Model):
    """One socket of a session, with the archiver's place in its spool."""

    class ClosedBy(models.TextChoices):
        OPEN = "", "still open"
        PEER = "peer", "the other side, with a close frame"
        LOST = "lost", "nobody: it broke off"
        SERVER = "server", "us"
        CRASH = "crash", "our process died"

    id = models.UUIDField(primary_key=True, editable=False)
    session = models.ForeignKey(StreamSession, on_delete=models.CASCADE, related_name="connections")
    spool = models.CharField(max_length=100)
    number = models.IntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=6, choices=ClosedBy, default="", blank=True)
    close_code = models.IntegerField(null=True, blank=True)
    close_reason = models.TextField(blank=True)
    remote = models.CharField(max_length=100, blank=True)
    auth = models.CharField(max_length=10, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    subscription_id = models.CharField(max_length=100, blank=True)
    failure = models.TextField(blank=True)
    last_frame_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    pending = models.BigIntegerField(default=0)
    pending_malformed = models.BigIntegerField(default=0)
    pending_unknown = models.BigIntegerField(default=0)
    malformed = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    overload = models.BigIntegerField(default=0)
    kept_messages = models.IntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    archived = models.BooleanField(default=False)
    timeline = models.BinaryField(default=b"")

    class Meta:
        ordering = ("opened_at", "id")
        indexes = (models.Index(fields=["spool"], name="connection_to_archive", condition=Q(archived=False)),)
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) ^ ~Q(closed_by=""), name="connection_closed_by_someone"
            ),
            models.CheckConstraint(condition=Q(archived=False) | Q(pending=0), name="connection_archived_whole"),
        )

    def __str__(self) -> str:
        return f"connection {str(self.id)[:8]}"


class Participant(models.Model):
    """One lane of a session. Mixed audio is one without a raw id."""

    class Kind(models.TextChoices):
        PHONE = "phone"
        ACS = "acs"
        TEAMS = "teams"
        BOT = "bot"
        MIXED = "mixed"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, editable=False)
    session = models.ForeignKey(StreamSession, on_delete=models.CASCADE, related_name="participants")
    raw_id = models.CharField(max_length=500, null=True, blank=True)  # None is mixed, as in the API
    kind = models.CharField(max_length=8, choices=Kind)
    label = models.CharField(max_length=200, blank=True)
    first_ticks = models.BigIntegerField()
    end_ticks = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    silent = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    unstamped = models.BigIntegerField(default=0)
    stored_ticks = models.BigIntegerField(default=0)
    duplicate_ticks = models.BigIntegerField(default=0)
    gap_ticks = models.BigIntegerField(default=0)
    speech_ticks = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("first_ticks", "raw_id")
        constraints = (
            models.UniqueConstraint(fields=["session", "raw_id"], nulls_distinct=False, name="participant_is_one_lane"),
            models.CheckConstraint(
                condition=Q(received=F("stored") + F("duplicate")), name="participant_counts_add_up"
            ),
            models.CheckConstraint(condition=Q(end_ticks__gte=F("first_ticks")), name="participant_ends_after_start"),
        )

    def __str__(self) -> str:
        return self.label or self.raw_id or "mixed"


class AudioChunk(models.Model):
    """One stored piece of a lane, about ten seconds. Immutable: a row proves that its file exists."""

    id = models.UUIDField(primary_key=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="chunks")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="chunks")
    position = models.BigIntegerField()
    samples = models.IntegerField()
    rate = models.IntegerField()
    file = models.CharField(max_length=300, unique=True)
    bytes = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    pcm_sha256 = models.CharField(max_length=64)
    peaks = models.BinaryField()  # int8 pairs (lowest, highest), one per 20 ms
    overview = models.BinaryField()  # int8 pairs, one per second
    levels = models.BinaryField()  # uint8, one per 20 ms: −dBFS of the RMS, 0…127
    silent_ms = models.IntegerField(default=0)  # flagged silent by ACS

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=["participant", "position"], name="chunk_of_lane"),)
        constraints = (
            models.UniqueConstraint(fields=["connection", "participant", "position"], name="chunk_once"),
            models.CheckConstraint(condition=Q(samples__gt=0, rate__gt=0, bytes__gt=0), name="chunk_not_empty"),
        )

    def __str__(self) -> str:
        return self.file


class Gap(models.Model):
    """A missing stretch with its cause. Without participant: of all. Without samples: of unknown length."""

    class Cause(models.TextChoices):
        STREAMING_STOPPED = "streaming_stopped", "streaming was stopped"
        SERVER_STOPPED = "server_stopped", "our server was down"
        SOCKET_LOST = "socket_lost", "the connection was lost"
        MALFORMED = "malformed", "audio could not be read"
        DRIFT = "drift", "the sender's clock drifts"
        CLOCK_JUMP = "clock_jump", "the sender's clock jumped"
        OVERLOAD = "overload", "this server was overloaded"
        NOT_DOMINANT = "not_dominant", "not among the four loudest speakers"
        PROVIDER_SILENT = "provider_silent", "nothing was sent"

    session = models.ForeignKey(StreamSession, on_delete=models.CASCADE, related_name="gaps")
    participant = models.ForeignKey(Participant, null=True, blank=True, on_delete=models.CASCADE, related_name="gaps")
    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="gaps")
    position = models.BigIntegerField()
    samples = models.BigIntegerField(null=True, blank=True)
    rate = models.IntegerField()
    cause = models.CharField(max_length=17, choices=Cause)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(condition=Q(samples__isnull=True) | Q(samples__gt=0), name="gap_not_empty"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="gap_rate_positive"),
        )

    def __str__(self) -> str:
        return self.cause


class StreamMessage(models.Model):
    """A message that is not audio, as it came: metadata, DTMF, transcription, marks, unknown kinds (capped per
    connection)."""

    session = models.ForeignKey(StreamSession, on_delete=models.CASCADE, related_name="messages")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="messages")
    row = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    raw_id = models.CharField(max_length=500, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.kind


class AccessEntry(models.Model):
    """Who listened to, downloaded or viewed what, which milliseconds. Append-only (a trigger refuses the rest), and it
    outlives the session and the user, so it names both instead of pointing at them."""

    class Action(models.TextChoices):
        VIEW = "view"
        HEAR_LIVE = "hear_live"
        REPLAY = "replay"
        DOWNLOAD = "download"
        DELETE = "delete"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    session_id = models.UUIDField(db_index=True)
    username = models.CharField(max_length=150)
    via = models.CharField(max_length=10)  # console, admin, api
    action = models.CharField(max_length=9, choices=Action)
    from_ms = models.BigIntegerField(null=True, blank=True)
    to_ms = models.BigIntegerField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "access entries"

    def __str__(self) -> str:
        return f"{self.username}: {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("An access entry is never changed.")
        super().save(*args, **kwargs)
