"""What a session is found by: every word, number and id that belongs to it, as one row. Written by triggers of the
database alone (migrations 0010 and 0011), whoever changes a label, a participant, a note or a tag."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from media.models.sessions import StreamSession


class SessionText(models.Model):
    """Lexemes with a letter before them: w a word, n a number's digits, r the same from the end, p and s its first and
    last three to six, i an id, t a tag."""

    session = models.OneToOneField(StreamSession, on_delete=models.CASCADE, primary_key=True, related_name="text")
    words = SearchVectorField()

    class Meta:
        indexes = (GinIndex(fields=["words"], name="session_text", fastupdate=False),)
