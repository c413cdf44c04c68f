"""`make bench` works: a short run of it, as a user starts it. How fast anything is, is not asked here."""

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bench.frames import Template, masked, speech, stamp_at
from tests.bench.probe import Histogram
from tests.bench.tables import at_least, at_most
from tests.faults.together import at_once
from tests.serving import ROOT


def bench(file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", "--json", str(file), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def speed_is_measured_side_by_side_and_no_frame_lost(file: Path) -> None:
    done = bench(
        file, "--quick", "--seconds", "2", "--only", "whole", "pulled", "empty", "node", "empty-daphne", "stock"
    )

    assert done.returncode == 0, done.stderr
    for goal in (
        "whole path / empty loop",
        "whole path / Node.js",
        "what we add to the empty loop / Node.js",
        "streams of ours / stock",
    ):
        assert f"{goal} at 10 streams: " in done.stdout
    written: dict[str, Any] = json.loads(file.read_text())
    assert [(row["name"], row["frames"], row["lost"]) for row in written["speed"]] == [
        ("whole", 1000, 0),
        ("empty", 1000, 0),
        ("pulled", 1000, 0),
        ("node", 1000, 0),
        ("empty-daphne", 1000, 0),
        ("stock", 1000, 0),
    ]
    assert all(row["us"] > 0 for row in written["speed"])
    assert {"cpu", "cores", "kernel", "python", "node", "ws"} <= written["machine"].keys()


def several_speakers_the_most_that_is_taken_and_exports_are_measured(file: Path) -> None:
    done = bench(file, "--quick", "--seconds", "2", "--only", "lanes", "flat-out", "export")

    assert done.returncode == 0, done.stderr
    assert "frames a second flat out, through to archived: " in done.stdout
    written: dict[str, Any] = json.loads(file.read_text())
    assert [(row["lanes"], row["frames"], row["lost"]) for row in written["lanes"]] == [(2, 2000, 0)]
    rushed = [(row["name"], row["frames"], row["lost"]) for row in written["flat-out"]]
    assert rushed == [
        ("whole", 5000, 0),
        ("pulled", 5000, 0),
        ("empty", 5000, 0),
        ("node", 5000, 0),
        ("stock", 5000, 0),
    ]
    wav, *_, play = written["export"]
    assert (wav["kind"], wav["seconds"], wav["size"]) == ("wav", 60, 44 + 60 * 32_000)
    assert [row["kind"] for row in written["export"]] == ["wav", "wav", "flac", "flac", "mp3", "opus", "play"]
    assert all(row["took"] > 0 for row in written["export"])
    assert play["took"] <= play["most"]


def it_is_measured_how_soon_a_frame_is_safe(file: Path) -> None:
    done = bench(file, "--quick", "--seconds", "4", "--only", "latency")

    assert done.returncode == 0, done.stderr
    assert "frames lost at 10 streams for 4 s: 0 (at most 0)" in done.stdout
    written: dict[str, Any] = json.loads(file.read_text())
    (row,) = written["latency"]
    assert (row["frames"], row["lost"]) == (10 * (3 + 4) * 50, 0)
    assert 0 < row["written"]["p50"] <= row["synced"]["p50"] <= row["synced"]["p99"] <= row["synced"]["most"]
    assert row["syncs_per_second"] > 0
    assert row["spool_mb_per_second"] > 0


def memory_of_sockets_and_the_archiver_is_measured(file: Path) -> None:
    done = bench(file, "--quick", "--seconds", "2", "--only", "memory")

    assert done.returncode == 0, done.stderr
    written: dict[str, Any] = json.loads(file.read_text())
    assert [(row["sockets"], row["lanes"]) for row in written["memory"]] == [(10, 0), (10, 4)]
    assert all(row["server"]["most_pss"] > 0 for row in written["memory"])


def those_who_look_and_listen_are_measured(file: Path) -> None:
    done = bench(file, "--quick", "--seconds", "2", "--only", "audience")

    assert done.returncode == 0, done.stderr
    assert "the first watcher:" in done.stdout
    written: dict[str, Any] = json.loads(file.read_text())
    phases = [(0, 0, 0), (1, 0, 0), (41, 0, 0), (0, 1, 0), (0, 41, 0), (0, 0, 10), (0, 0, 0)]
    assert [(row["watch"], row["listen"], row["deaf"]) for row in written["audience"]] == phases
    assert all(row["cpu_ms"] > 0 and row["durable_ms"] > 0 for row in written["audience"])


@pytest.mark.slow
def test_it_measures_speed_memory_and_audience(tmp_path: Path) -> None:
    at_once(
        partial(speed_is_measured_side_by_side_and_no_frame_lost, tmp_path / "speed.json"),
        partial(memory_of_sockets_and_the_archiver_is_measured, tmp_path / "memory.json"),
        partial(several_speakers_the_most_that_is_taken_and_exports_are_measured, tmp_path / "most.json"),
        partial(it_is_measured_how_soon_a_frame_is_safe, tmp_path / "latency.json"),
        partial(those_who_look_and_listen_are_measured, tmp_path / "audience.json"),
    )


def test_it_says_which_parts_there_are(tmp_path: Path) -> None:
    done = bench(tmp_path / "bench.json", "--only", "nodejs")

    assert done.returncode == 1
    assert done.stderr.startswith("There is no part nodejs; --only takes whole, empty,")


def test_it_says_what_is_missing_of_node(tmp_path: Path) -> None:
    """In a copy without npm's packages."""
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("acs_emulator", "calls", "config", "media"):
        (tmp_path / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "tests.bench", "--quick"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("What Node.js is measured with is missing (node_modules/ws): `make bench` sees to it")
    assert done.stderr.count("\n") == 1


def test_it_says_what_is_met_and_what_is_missed() -> None:
    assert at_most("whole / Node.js", 1.2, 1.2, digits=2) == "met     whole / Node.js: 1.20 (at most 1.20)"
    assert at_most("written", 379.4, 250, "ms") == "MISSED  written: 379 ms (at most 250 ms)"
    assert at_most("ratio", 1.203, 1.2, digits=2) == "MISSED  ratio: 1.2030 (at most 1.20)"
    assert at_least("frames", 36_946.3, 30_000) == "met     frames: 36 946 (at least 30 000)"


def test_it_counts_the_age_of_every_frame() -> None:
    histogram = Histogram()
    histogram.note(np.arange(1, 101) * 1_000_000)
    histogram.note(np.array([10**12, -5]))  # older than it can tell, and a clock that was set back

    ages = histogram.ages()

    assert (round(ages.p50), round(ages.p99), ages.most) == (50, 100, 30_000.0)


def test_it_sends_what_acs_sends() -> None:
    frame = Template("4:+15550100001", stamp_at(0), b"A" * 856).whole(b"2026-03-14T09:26:53.589Z", b"B" * 856)

    text = (
        b'{"kind":"AudioData","audioData":{"timestamp":"2026-03-14T09:26:53.589Z","participantRawID":"4:+15550100001",'
        b'"data":"' + b"B" * 856 + b'","silent":false}}'
    )
    assert frame == masked(text)
    assert frame[:8] == b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4)


def test_it_sends_speech_and_not_silence() -> None:
    frames = speech()

    assert len(frames) > 1000
    assert len(set(frames)) == len(frames)
    assert {len(frame) for frame in frames} == {856}
