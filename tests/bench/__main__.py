"""`make bench`: measures, prints the tables, writes var/bench.json. See the package's docstring."""

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[2]
MEMORY, AUDIENCE = "memory", "audience"
PHASES = [(50, 0), (200, 0), (200, 4)]  # sockets, lanes of each
QUICK_PHASES = [(10, 0), (10, 4)]
MEMORY_SECONDS, QUICK_SECONDS = 14.0, 5.0  # the archiver takes a stream's first chunk after at most 11 s


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description="The figures of the README, in one run.")
    parser.add_argument("--streams", type=int, nargs="+", metavar="N", help="sockets at once; default: 100")
    parser.add_argument("--seconds", type=float, metavar="S", help="of audio for each path; default: 20")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="times that all paths are measured")
    parser.add_argument("--quick", action="store_true", help="10 streams for 5 s: whether it works, not how fast")
    parser.add_argument("--only", nargs="+", metavar="PART", help=f"of the paths' names, {MEMORY!r} and {AUDIENCE!r}")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json", metavar="FILE")
    chosen = parser.parse_args()
    chosen.streams = chosen.streams or ([10] if chosen.quick else [100])
    chosen.seconds = chosen.seconds or (QUICK_SECONDS if chosen.quick else 20.0)
    if min(chosen.streams) < 1 or chosen.seconds < 1 or chosen.rounds < 1:
        parser.error("--streams, --seconds and --rounds are at least 1.")
    return chosen


def settle_in(folder: Path) -> None:
    """Makes Django ready here, and sees to it that the servers, which inherit our environment, take what we sign."""
    os.environ.update(
        VAR_DIR=str(folder / "bench"), SECRET_KEY=secrets.token_hex(32), DJANGO_SETTINGS_MODULE="config.settings"
    )
    os.environ.pop("SECRET_KEY_FILE", None)
    django.setup()


def run(chosen: argparse.Namespace, folder: Path) -> int:
    from tests.bench import eyes, machine, memory, report, servers, speed
    from tests.bench.progress import progress

    names = [contender.name for contender in servers.CONTENDERS]
    if unknown := set(chosen.only or []) - {*names, MEMORY, AUDIENCE}:
        sys.exit(
            f"There is no part {', '.join(sorted(unknown))}; --only takes {', '.join([*names, MEMORY, AUDIENCE])}."
        )
    wanted = [c for c in servers.CONTENDERS if not chosen.only or c.name in chosen.only]
    figures = []
    for streams in chosen.streams:
        for turn in range(chosen.rounds):
            for contender in wanted if turn % 2 == 0 else reversed(wanted):
                progress(f"{contender.title}: {streams} streams, {chosen.seconds:.0f} s")
                place = folder / f"{contender.name}-{streams}-{turn}"
                figures.append(speed.measure(contender, streams, chosen.seconds, place))
    figures = report.typical(figures)
    found: list[memory.Held] = []
    if not chosen.only or MEMORY in chosen.only:
        phases, seconds = (QUICK_PHASES, chosen.seconds) if chosen.quick else (PHASES, MEMORY_SECONDS)
        found = memory.measure(phases, seconds, folder / MEMORY)
    seen: list[eyes.Seen] = []
    if not chosen.only or AUDIENCE in chosen.only:
        seen = eyes.measure(chosen.streams[0], chosen.seconds / 2, folder / AUDIENCE)
    said = [*report.verdicts(figures, found), *report.audience_costs(seen)]
    shown = (report.speed_table(figures), report.memory_table(found), report.eyes_table(seen))
    tables = [table for table in shown if table]
    sys.stdout.write("\n\n".join([*tables, "\n".join(said)]) + "\n")
    report.write(chosen.json, machine.describe(), figures, found, seen, said)
    progress(f"written to {chosen.json}")
    return 0


def main() -> int:
    chosen = options()
    if not Path("/proc/self/smaps_rollup").exists():
        sys.exit("make bench reads CPU time and memory from /proc, so it runs on Linux only.")
    # Removed when all is measured. Other accounts than root's must be able to reach into it (PostgreSQL's).
    with tempfile.TemporaryDirectory(prefix="recorder-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        settle_in(Path(folder))
        return run(chosen, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
