"""Which process holds the sockets of which sessions: direct evidence, whatever the archiver has come to."""

from django.db import models


class ServingProcess(models.Model):
    """One row a process, written every second; `sessions` are the ids of those whose sockets it holds open, `figures`
    what it counted (media/monitoring/counters.py)."""

    spool = models.CharField(max_length=100, primary_key=True)
    seen_at = models.DateTimeField()
    sessions = models.JSONField(default=list)
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.spool
