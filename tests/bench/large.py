"""`make bench-db`: a million sessions and twenty million chunks in a database of its own, and how long the questions
of asking.py take there: a median of several, through the whole of Django. Exit code 1 where one takes too long."""

import argparse
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench.large", description="Questions to a large history.")
    parser.add_argument("--sessions", type=int, default=1_000_000, metavar="N", help="default: 1000000")
    parser.add_argument("--pieces", type=int, default=10, metavar="N", help="chunks of each of two lanes; default: 10")
    parser.add_argument("--times", type=int, default=9, metavar="N", help="how often each is asked; default: 9")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="kept, and filled only where it is empty")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench-db.json", metavar="FILE")
    return parser.parse_args()


def settle_in(folder: Path) -> None:
    os.environ.update(VAR_DIR=str(folder), SECRET_KEY=secrets.token_hex(32), DJANGO_SETTINGS_MODULE="config.settings")
    os.environ.pop("SECRET_KEY_FILE", None)
    django.setup()


def prepare(chosen: argparse.Namespace) -> None:
    from django.core.management import call_command

    from media.models import AudioChunk, StreamSession
    from tests.bench.history import fill
    from tests.bench.progress import progress

    call_command("migrate", verbosity=0)
    if not StreamSession.objects.exists():
        began = time.monotonic()
        progress(f"{chosen.sessions} sessions, {chosen.sessions * chosen.pieces * 2} chunks …")
        fill(chosen.sessions, chosen.pieces)
        progress(f"{AudioChunk.objects.count()} chunks in {time.monotonic() - began:.0f} s")


def ask(chosen: argparse.Namespace) -> list[dict[str, object]]:
    from django.contrib.auth.models import User
    from django.test import Client

    from media.models import Participant
    from tests.bench.asking import questions
    from tests.bench.history import LONG_CALL
    from tests.bench.progress import progress

    user, _ = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    lane = str(Participant.objects.filter(session=LONG_CALL).values_list("pk", flat=True)[0])
    phone = f"1555{chosen.sessions // 2 * 7919 % 10_000_000:07}"
    rows: list[dict[str, object]] = []
    for question in questions(lane, phone):
        before = _cpu_ms()
        took = [_took(client, question.path) for _ in range(chosen.times)]
        median, cpu = statistics.median(took), (_cpu_ms() - before) / chosen.times
        ok = median <= question.most_ms
        progress(f"{median:7.1f} ms of {question.most_ms:3}, {cpu:6.1f} ms CPU  {'' if ok else '← '}{question.words}")
        figures = {"median_ms": round(median, 1), "cpu_ms": round(cpu, 1), "most_ms": question.most_ms, "ok": ok}
        rows.append({"question": question.words, **figures})
    return rows


def _cpu_ms() -> float:
    """Of Django here and of PostgreSQL's process for it: what a question costs however busy the machine is."""
    from django.db import connection

    connection.ensure_connection()
    fields = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() * 1000 + (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _took(client: object, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)  # type: ignore[attr-defined]
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        sys.exit(f"{path} answered {answer.status_code}: {answer.text[:300]}")
    return took


def main() -> int:
    chosen = options()
    with tempfile.TemporaryDirectory(prefix="recorder-bench-db-", ignore_cleanup_errors=True) as made:
        folder = chosen.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        settle_in(folder.resolve())
        prepare(chosen)
        rows = ask(chosen)
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps({"sessions": chosen.sessions, "questions": rows}, indent=2) + "\n")
        return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
