"""What the database does for the questions of `make bench-db`, on a small history: every one of them is answered from
an index. How long it takes is measured there; a plan that reads a whole table fails here."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from media.models import Participant
from media.sessions import search
from tests.bench.asking import API, questions
from tests.bench.history import LONG_CALL, fill
from tests.people import browser_of

pytestmark = pytest.mark.django_db
SESSIONS = 3000
IN_ORDER = {
    "": "session_newest",
    "?state=failed": "session_newest_of_state",
    "?has_gaps=true": "session_newest_gaps",
    "?has_errors=true": "session_newest_errors",
    "?q=support": "session_newest",
}
LARGE = r"media_(?:streamsession|participant|audiochunk|sessiontext|connection)"


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read whole for speed
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def asked(path: str) -> list[str]:
    """The questions to large tables that a request leads to."""
    client = browser_of("ada")
    with CaptureQueriesContext(connection) as context:
        assert client.get(path).status_code == 200, path
    queries = [query["sql"] for query in context.captured_queries]
    return [sql for sql in queries if sql.startswith("SELECT") and re.search(rf'FROM "{LARGE}"', sql)]


def test_it_answers_from_indexes_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    fill(SESSIONS, 1)
    monkeypatch.setattr(search, "RARE", 100)
    it_reads_no_table_whole()
    for query, index in IN_ORDER.items():
        it_reads_in_order(query, index)
    it_asks_the_index_of_words()


def it_reads_no_table_whole() -> None:
    lane = str(Participant.objects.filter(session=LONG_CALL).values_list("pk", flat=True)[0])
    seen = 0
    for question in questions(lane, f"1555{SESSIONS // 2 * 7919 % 10_000_000:07}"):
        for sql in asked(question.path):
            plan = plan_of(sql)
            whole = re.search(rf"Seq Scan on {LARGE}", plan)
            assert not whole, f"{question.words} reads a whole table:\n{sql}\n{plan}"
            seen += 1
    assert seen > 60


def it_reads_in_order(query: str, index: str) -> None:
    first = next(sql for sql in asked(API + query) if 'FROM "media_streamsession"' in sql and "LIMIT" in sql)
    plan = plan_of(first)
    assert f"Index Scan using {index} on media_streamsession" in plan, plan
    assert "Sort" not in plan, plan


def it_asks_the_index_of_words() -> None:
    """However rare the planner thinks them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'media_hits'")
        assert cursor.fetchone() == (["enable_seqscan=off"],)
        for typed in ("zebra", "+1555", "support"):
            sql = f"SELECT session_id FROM media_sessiontext WHERE words @@ media_query('{typed}') LIMIT 101"  # noqa: S608
            assert "Bitmap Index Scan on session_text" in plan_of(sql), typed
        cursor.execute("SELECT count(hit), count(*) FROM media_hits(media_query('+1555'), 100) hit")
        assert cursor.fetchone() == (0, 1)  # all of them: known without counting
