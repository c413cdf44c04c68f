"""/metrics in Prometheus' text form: what every process counted, each under its own name, and what the database knows
of all of them together. While the database is away there is this process alone."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from calls.models import Call, IncomingCall
from media.models import StreamSession
from media.monitoring.counters import LATENCY_SECONDS

All = Mapping[str, Mapping[str, Any]]

COUNTERS = {
    "sockets_opened": ("recorder_sockets_opened", "Media sockets accepted."),
    "frames": ("recorder_frames_received", "Audio messages received."),
    "received_bytes": ("recorder_received_bytes", "Bytes of messages received."),
    "malformed": ("recorder_messages_malformed", "Messages that could not be read; they are kept."),
    "unknown": ("recorder_messages_unknown", "Messages of a kind that is not known; they are kept."),
    "dropped": ("recorder_messages_dropped", "Messages dropped while memory was full (Daphne only)."),
    "spool_bytes": ("recorder_spool_written_bytes", "Bytes of messages synced to the spool."),
    "spool_errors": ("recorder_spool_errors", "Commits of the spool that failed and were tried again."),
    "chunks": ("recorder_chunks_stored", "Pieces of audio stored."),
    "chunk_bytes": ("recorder_chunk_bytes", "Bytes of audio stored."),
}
BY_LABEL = {
    "refused": ("recorder_sockets_refused", "Media sockets refused.", "reason"),
    "gaps": ("recorder_gaps", "Missing stretches found, by cause.", "cause"),
    "archive_errors": ("recorder_archive_errors", "Steps of archiving that failed and are tried again.", "kind"),
    "acs_requests": ("recorder_acs_requests", "Requests to ACS by outcome.", "outcome"),
    "acs_events": ("recorder_acs_events", "Callbacks of ACS by type.", "type"),
}
GAUGES = {
    "sockets": ("recorder_sockets", "Media sockets open now."),
    "most_streams": ("recorder_sockets_limit", "MEDIA_MAX_STREAMS of the process."),
    "waiting_bytes": ("recorder_waiting_bytes", "Bytes received and not synced yet."),
    "spool_bytes_on_disk": (
        "recorder_spool_bytes",
        "Bytes of the spool on disk: what is not archived, and some more.",
    ),
    "spool_age": ("recorder_spool_age_seconds", "Age of the oldest finished segment of the spool, archiver or not."),
    "spool_failing": ("recorder_spool_failing", "1 while the spool cannot be written."),
    "disk_low": ("recorder_disk_low", "1 while new streams are refused for want of disk."),
    "draining": ("recorder_draining", "1 while the process is about to stop."),
    "archive_lag": ("recorder_archive_lag_seconds", "Age of the oldest message that is not archived."),
    "backlog_rows": ("recorder_archive_backlog_rows", "Rows of the spool that wait for the archiver."),
    "archive_failing": ("recorder_archive_failing", "1 while archiving waits for the database or the storage."),
}
DISKS = (
    ("free", "recorder_disk_free_bytes", "Free bytes of the disk."),
    ("hours_left", "recorder_disk_hours_left", "How long the disk lasts at the present rate."),
)


def render(processes: All, rows: Mapping[str, Mapping[str, int]]) -> bytes:
    """`processes`: their figures by name; `rows`: of `counted_rows`, empty while the database is away."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(processes, rows))
    return generate_latest(registry)


def counted_rows() -> dict[str, dict[str, int]]:
    """What the database knows now: few rows, each found by an index."""
    living = StreamSession.objects.filter(live=True).order_by().values_list("state").annotate(Count("pk"))
    open_calls = Call.objects.exclude(state__in=Call.OVER).order_by().values_list("state").annotate(Count("pk"))
    rings = IncomingCall.objects.filter(state=IncomingCall.State.RINGING).count()
    lost = Call.objects.filter(state=Call.State.CONNECTED, streaming_lost_at__isnull=False).count()
    return {
        "sessions": dict(cast("Iterable[tuple[str, int]]", living)),
        "calls": dict(cast("Iterable[tuple[str, int]]", open_calls)),
        "also": {"incoming_ringing": rings, "calls_without_sound": lost},
    }


class _Told(Collector):
    def __init__(self, processes: All, rows: Mapping[str, Mapping[str, int]]) -> None:
        self.processes, self.rows = processes, rows

    def collect(self) -> Iterator[Metric]:
        for name, (metric, words) in COUNTERS.items():
            yield self._family(CounterMetricFamily(metric, words, labels=["process"]), name)
        for name, (metric, words) in GAUGES.items():
            yield self._family(GaugeMetricFamily(metric, words, labels=["process"]), name)
        for name, (metric, words, label) in BY_LABEL.items():
            family = CounterMetricFamily(metric, words, labels=["process", label])
            for process, said in self.processes.items():
                for value, count in sorted(said.get(name, {}).items()):
                    family.add_metric([process, value], count)
            yield family
        yield self._durable()
        yield from self._disks()
        if self.rows:
            yield from self._rows()

    def _family(self, family: Any, name: str) -> Metric:
        for process, said in self.processes.items():
            if name in said:
                family.add_metric([process], said[name])
        return cast(Metric, family)

    def _durable(self) -> Metric:
        words = "Age of the oldest message of each synced commit of the spool."
        family = HistogramMetricFamily("recorder_durable_seconds", words, labels=["process"])
        for process, said in self.processes.items():
            counts, total = said["durable"]["counts"], said["durable"]["total"]
            sums = [sum(counts[: number + 1]) for number in range(len(counts))]
            bounds = [*map(str, LATENCY_SECONDS), "+Inf"]
            family.add_metric([process], list(zip(bounds, sums, strict=True)), total)
        return family

    def _disks(self) -> Iterator[Metric]:
        for name, metric, words in DISKS:
            family = GaugeMetricFamily(metric, words, labels=["process", "disk"])
            for process, said in self.processes.items():
                for place in said.get("disks", ()):
                    family.add_metric([process, place["name"].removeprefix("the ")], place[name])
            yield family

    def _rows(self) -> Iterator[Metric]:
        for name, words in (("sessions", "Sessions that are live."), ("calls", "Calls that are open.")):
            family = GaugeMetricFamily(f"recorder_{name}", words, labels=["state"])
            for state, count in sorted(self.rows[name].items()):
                family.add_metric([state], count)
            yield family
        also = self.rows["also"]
        for name, words in (
            ("incoming_ringing", "Incoming calls that ring here."),
            ("calls_without_sound", "Connected calls whose sound is gone."),
        ):
            yield GaugeMetricFamily(f"recorder_{name}", words, value=also[name])
