"""ACS's side of a media socket, for `streamfile`, the demo and tests: `await stream(url, Score(lanes))`. Knows no
Django, no files and nothing of who may stream."""

from media.acs_client.errors import NobodyThere, Refused, StreamFailed, StreamLost
from media.acs_client.play import stream
from media.acs_client.score import Score, Sent

__all__ = ["NobodyThere", "Refused", "Score", "Sent", "StreamFailed", "StreamLost", "stream"]
