"""`make bench`: measures, prints the tables, writes var/bench.json. See the package's docstring."""

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[2]
STREAMS, SECONDS = [100, 300], 30.0
QUICK_STREAMS, QUICK_SECONDS = [10], 5.0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description="The figures of the README, in one run.")
    parser.add_argument("--streams", type=int, nargs="+", metavar="N", help="sockets at once; default: 100 300")
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help="of audio for each path; default: 30 (a third where nothing is stored)",
    )
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="times that all paths are measured")
    parser.add_argument("--quick", action="store_true", help="10 streams for 5 s: whether it works, not how fast")
    parser.add_argument("--soak", action="store_true", help="300 streams for ten minutes on one core, and nothing else")
    parser.add_argument("--only", nargs="+", metavar="PART", help="names of paths and parts; a wrong one lists them")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json", metavar="FILE")
    chosen = parser.parse_args()
    chosen.streams = chosen.streams or (QUICK_STREAMS if chosen.quick else STREAMS)
    chosen.seconds = chosen.seconds or (QUICK_SECONDS if chosen.quick else SECONDS)
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
    from tests.bench import machine, parts, report
    from tests.bench.progress import progress

    if unknown := set(chosen.only or []) - set(parts.NAMES):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; --only takes {', '.join(parts.NAMES)}.")
    if not machine.WS.exists():
        sys.exit("What Node.js is measured with is missing (node_modules/ws): `make bench` sees to it, or: npm ci")
    found: dict[str, list[Any]] = {}
    said: list[str] = []
    described = machine.describe()
    for name, part in parts.wanted(chosen).items():
        found[name] = part.measure(chosen, folder / name)
        said += part.said(found[name])
        sys.stdout.write(part.table(found[name]) + "\n\n")
        sys.stdout.flush()
        report.write(chosen.json, described, found, said)  # what is measured is kept, whatever comes of the rest
    sys.stdout.write("\n".join([*said, *report.disturbed(found.get(parts.SPEED, []))]) + "\n")
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
