"""Sessions and their sockets. A session is the recording of one call."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


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

    class Meta:
        verbose_name = "media URL"

    def __str__(self) -> str:
        return self.label or str(self.id)


class StreamSession(models.Model):
    """The recording of one call. Its id is derived from what the socket proved (media/sessions/identity.py)."""

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
    # Why it must not be deleted, and who says so; processes of the version before insert, too.
    hold = models.CharField(max_length=400, blank=True, default="", db_default="")

    class Meta:
        ordering = ("-started_at", "-id")
        verbose_name = "session"
        permissions = (
            ("hear_live", "Can hear running calls"),
            ("replay", "Can replay recordings"),
            ("download", "Can download recordings"),
            ("annotate", "Can write notes and markers"),
        )
        indexes = (
            models.Index(fields=["-started_at", "-id"], name="session_newest"),
            models.Index(fields=["id"], name="session_live", condition=Q(live=True)),
            models.Index(fields=["ended_at"], name="session_to_expire", condition=Q(live=False, hold="")),
            # For the filters of the list: what is rare is found without reading all that is newer.
            models.Index(fields=["state", "-started_at", "-id"], name="session_newest_of_state"),
            models.Index(fields=["-started_at", "-id"], name="session_newest_gaps", condition=Q(gap_count__gt=0)),
            models.Index(
                fields=["-started_at", "-id"],
                name="session_newest_errors",
                condition=Q(malformed__gt=0) | Q(state__in=("failed", "interrupted")),
            ),
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

    @property
    def phase(self) -> str:
        """What stands beside its state: "live" while sound comes or may come back, "storing" when it is over and not
        all of it is archived, else ""."""
        if not self.live or self.state == self.State.WAITING:
            return ""
        return "storing" if self.state in self.FINAL else "live"


class Tombstone(models.Model):
    """The id of a deleted session: audio that still comes for it goes to a new session. `files_gone`: its files are
    known to be removed (media/archiver/sweep.py)."""

    session_id = models.UUIDField(primary_key=True)
    call_id = models.UUIDField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(default=timezone.now)
    files_gone = models.BooleanField(db_default=False)  # processes of the version before insert, too

    class Meta:
        indexes = (
            models.Index(fields=["deleted_at"], name="tombstone_of_files", condition=Q(files_gone=False)),
            models.Index(fields=["call_id"], name="tombstone_of_call", condition=Q(call_id__isnull=False)),
        )


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
    told_at = models.DateTimeField(null=True, blank=True)
    pending = models.BigIntegerField(default=0)
    pending_malformed = models.BigIntegerField(default=0)
    pending_unknown = models.BigIntegerField(default=0)
    malformed = models.BigIntegerField(default=0)
    unknown = models.BigIntegerField(default=0)
    overload = models.BigIntegerField(default=0)
    kept_messages = models.IntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    batches = models.IntegerField(default=0, db_default=0)
    archived = models.BooleanField(default=False)
    lost = models.BigIntegerField(null=True, blank=True)
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
