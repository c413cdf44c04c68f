"""Lanes, their stored pieces, and what is missing of them."""

from django.db import models
from django.db.models import F, Q

from calls.identifiers import short_of
from media.models.sessions import Connection, StreamSession


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
        indexes = (models.Index(fields=["raw_id"], opclasses=["varchar_pattern_ops"], name="lane_by_raw_id"),)
        constraints = (
            models.UniqueConstraint(fields=["session", "raw_id"], nulls_distinct=False, name="participant_is_one_lane"),
            models.CheckConstraint(
                condition=Q(received=F("stored") + F("duplicate")), name="participant_counts_add_up"
            ),
            models.CheckConstraint(condition=Q(end_ticks__gte=F("first_ticks")), name="participant_ends_after_start"),
        )

    def __str__(self) -> str:
        return self.label or short_of(self.raw_id or "") or "mixed"


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
