"""What people and programs ask of a large history, and how long each may take."""

from typing import NamedTuple

from tests.bench.history import LONG_CALL

LIST_MS, PAGE_MS, WAVE_MS = 150, 300, 100


class Question(NamedTuple):
    words: str
    path: str
    most_ms: int


API = "/api/v1/sessions"


def questions(lane: str, phone: str) -> list[Question]:
    """`lane`: the id of one of the long call; `phone`: a number that is somewhere in the middle of the history."""
    lists = {
        "first page": "",
        "state=failed (one in a thousand)": "?state=failed",
        "state=waiting (none)": "?state=waiting",
        "has_gaps": "?has_gaps=true",
        "has_errors": "?has_errors=true",
        "live (none)": "?live=true",
        "before a day a year ago": "?started_before=2025-11-01T00:00:00Z",
        "a rare word (ten)": "?q=zebra",
        "a common word (two in five)": "?q=support",
        "a word of one in a hundred": "?q=complaint",
        "the beginning of a word that all have": "?q=ca",
        "a word that is nowhere": "?q=unheard-of",
        "a number": f"?q=%2B{phone}",
        "the beginning of a number (all)": "?q=%2B1555",
        "the beginning of a number (one in a thousand)": f"?q=%2B{phone[:7]}",
        "the end of a number": f"?q={phone[-6:]}",
        "a name": "?q=agent+17",
        "the beginning of an external id": "?q=case-77777",
        "a rare word and a state": "?q=zebra&state=ended",
        "a common word with gaps": "?q=support&has_gaps=true",
        "a participant": f"?participant=%2B{phone}",
    }
    asked = [Question(f"list: {words}", API + query, LIST_MS) for words, query in lists.items()]
    asked += [Question(f"console: {words}", "/sessions/" + lists[words], LIST_MS) for words in ("first page",)]
    return [
        *asked,
        Question("page of the long call", f"/sessions/{LONG_CALL}/", PAGE_MS),
        Question("talk of the long call", f"/sessions/{LONG_CALL}/talk/", PAGE_MS),
        Question("waveform of one of its lanes", f"{API}/{LONG_CALL}/waveform?participant={lane}", WAVE_MS),
        Question(
            "half a minute of it",
            f"{API}/{LONG_CALL}/waveform?participant={lane}&from_ms=7000000&to_ms=7030000&points=2000",
            WAVE_MS,
        ),
    ]
