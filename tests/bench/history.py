"""Years of recordings as rows, made by PostgreSQL itself: sessions a minute apart, two people in each, pieces of ten
seconds. Blobs are tiny but in one call of four hours with six people, which is as the archiver would have written it.
No audio lies behind any of it."""

import uuid
from typing import Any

from django.db import connection

LONG_CALL = uuid.UUID("00000000-0000-4000-8000-000000000004")
LONG_HOURS, LONG_LANES = 4, 6

# What is looked for: how rare each word is stands beside it.
LABEL = """CASE WHEN n %% 100003 = 7 THEN 'Zebra crossing ' WHEN n %% 101 = 0 THEN 'Complaint ' ELSE '' END
        || CASE WHEN n %% 5 < 2 THEN 'Support call ' ELSE 'Order ' END || n"""

SESSIONS = f"""
INSERT INTO media_streamsession (id, call_connection_id, correlation_id, label, external_id, state, reason, live,
    channels,
    sample_rate, started_at, ended_at, last_frame_at, origin_ticks, end_ticks, received, stored, silent, duplicate,
    late,
    malformed, unknown, duration_ms, gap_ms, gap_count, quarantined_bytes)
SELECT md5('s' || n)::uuid, md5('c' || n), md5('r' || n), {LABEL}, 'case-' || n,
    CASE WHEN n %% 1009 = 0 THEN 'failed' WHEN n %% 53 = 0 THEN 'interrupted' ELSE 'ended' END, 'The call ended.',
    false,
    'unmixed', 16000, at, at + length, at + length, epoch, epoch + ms * 48, 1, 1, 0, 0, 0, (n %% 2003 = 0)::int, 0,
    ms, 0, (n %% 19 = 0)::int, 0
FROM generate_series(%s::int, %s::int) n,
    LATERAL (SELECT timestamptz '2026-11-01' - n * interval '1 minute' AS at, (20000 + n %% 280000)::bigint AS ms) t,
    LATERAL (SELECT extract(epoch FROM at)::bigint * 48000 AS epoch, ms * interval '1 millisecond' AS length) u
"""  # noqa: S608  (no value of a user's is in it)
CONNECTIONS = """
INSERT INTO media_connection (id, session_id, spool, number, opened_at, closed_at, closed_by, close_reason, remote,
    auth,
    headers, metadata, subscription_id, failure, pending, pending_malformed, pending_unknown, malformed, unknown,
    overload,
    kept_messages, cursor, archived, timeline)
SELECT md5('k' || n)::uuid, md5('s' || n)::uuid, 'spool', n, at, at + interval '1 minute', 'peer', '', '', 'url',
    '{}', '{}',
    '', '', 0, 0, 0, 0, 0, 0, 0, 0, true, ''
FROM generate_series(%s::int, %s::int) n, LATERAL (SELECT timestamptz '2026-11-01' - n * interval '1 minute' AS at) t
"""
LANES = """
INSERT INTO media_participant (id, session_id, raw_id, kind, label, first_ticks, end_ticks, received, stored, silent,
    duplicate, late, unstamped, stored_ticks, duplicate_ticks, gap_ticks, speech_ticks)
SELECT md5('l' || lane || ' ' || n)::uuid, md5('s' || n)::uuid,
    CASE lane WHEN 0 THEN '4:+1555' || lpad((n::bigint * 7919 %% 10000000)::text, 7,
    '0') ELSE '8:acs:agent_' || n %% 300 END,
    CASE lane WHEN 0 THEN 'phone' ELSE 'acs' END, CASE lane WHEN 0 THEN '' ELSE 'Agent ' || n %% 300 END,
    epoch, epoch + 480000, 1, 1, 0, 0, 0, 0, 480000, 0, 0, 0
FROM generate_series(%s::int, %s::int) n, generate_series(0, 1) lane,
    LATERAL (SELECT extract(epoch FROM timestamptz '2026-11-01' - n * interval '1 minute')::bigint * 48000 AS epoch) t
"""
CHUNKS = """
INSERT INTO media_audiochunk (id, participant_id, connection_id, position, samples, rate, file, bytes, sha256,
    pcm_sha256,
    peaks, overview, levels, silent_ms)
SELECT ('11111111' || lpad(to_hex(n::bigint * 1000 + lane * 500 + piece), 24, '0'))::uuid,
    md5('l' || lane || ' ' || n)::uuid,
    md5('k' || n)::uuid, second * 16000 + piece * 160000, 160000, 16000,
    'sessions/' || n || '/' || lane || '-' || piece || '.flac', 100, '', '', '\\x0102', '\\x0102', '\\x14', 0
FROM generate_series(%s::int, %s::int) n, generate_series(0, 1) lane, generate_series(0, %s::int - 1) piece,
    LATERAL (SELECT extract(epoch FROM timestamptz '2026-11-01' - n * interval '1 minute')::bigint AS second) t
"""
FOUND = "INSERT INTO media_sessiontext (session_id, words) SELECT id, media_words(id) FROM media_streamsession"
GIN = "CREATE INDEX session_text ON media_sessiontext USING gin (words) WITH (fastupdate = off)"

LONG_LANE = """
INSERT INTO media_participant (id, session_id, raw_id, kind, label, first_ticks, end_ticks, received, stored, silent,
    duplicate, late, unstamped, stored_ticks, duplicate_ticks, gap_ticks, speech_ticks)
SELECT md5('long' || lane)::uuid, %s, '8:acs:long_' || lane, 'acs', 'Person ' || lane, %s, %s, 1, 1, 0, 0, 0, 0, %s,
    0, 0, 0
FROM generate_series(1, %s::int) lane
"""
LONG_CHUNKS = """
INSERT INTO media_audiochunk (id, participant_id, connection_id, position, samples, rate, file, bytes, sha256,
    pcm_sha256,
    peaks, overview, levels, silent_ms)
SELECT md5('long' || lane || ' ' || piece)::uuid, md5('long' || lane)::uuid, %s, %s + piece * 160000, 160000, 16000,
    'long/' || lane || '-' || piece || '.flac', 100, '', '', %s, %s, %s, 0
FROM generate_series(1, %s::int) lane, generate_series(0, %s::int - 1) piece
"""


def fill(sessions: int, pieces: int, step: int = 50_000) -> None:
    """`sessions` with two lanes of `pieces` each; their text is indexed at the end, which is faster by far."""
    _run("SET session_replication_role = replica")  # no triggers meanwhile, those of foreign keys included
    _run("SET synchronous_commit = off")
    _run("SET statement_timeout = 0")
    for first in range(1, sessions + 1, step):
        span = (first, min(sessions, first + step - 1))
        _run(SESSIONS, *span)
        _run(CONNECTIONS, *span)
        _run(LANES, *span)
        _run(CHUNKS, *span, pieces)
    _long_call()
    _run("DROP INDEX session_text")
    _run(FOUND)
    _run(GIN)
    _run("SET session_replication_role = origin")
    for table in ("streamsession", "participant", "audiochunk", "sessiontext", "connection"):
        _run(f"ANALYZE media_{table}")


def _long_call() -> None:
    seconds, second = LONG_HOURS * 3600, 1_793_000_000
    origin, end = second * 48_000, (second + seconds) * 48_000
    columns = SESSIONS.partition("SELECT")[0].replace("%%", "%")
    made: list[Any] = [LONG_CALL, "", "", "Long call", "", "ended", "", False, "unmixed", 16_000]
    made += ["2026-10-25 12:00Z", "2026-10-25 16:00Z", None, origin, end, 0, 0, 0, 0, 0, 0, 0, seconds * 1000, 0, 0, 0]
    _run(f"{columns} VALUES ({', '.join(['%s'] * len(made))})", *made)
    connection_id = uuid.uuid5(LONG_CALL, "connection")
    _run(CONNECTIONS.replace("md5('k' || n)::uuid, md5('s' || n)::uuid", "%s, %s"), connection_id, LONG_CALL, 0, 0)
    _run(LONG_LANE, LONG_CALL, origin, end, seconds * 48_000, LONG_LANES)
    peaks, levels = bytes([200, 50] * 500), bytes([20] * 300 + [90] * 200)
    blobs = (peaks, peaks[:20], levels)
    _run(LONG_CHUNKS, connection_id, second * 16_000, *blobs, LONG_LANES, seconds // 10)


def _run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
