"""What a frame and a call cost on the whole path when calls are mixed, or unmixed with several speakers."""

from tests.bench.speed import Figure
from tests.bench.tables import at_most, table

FRAMES_A_SECOND = 50


def lanes_table(figures: list[Figure]) -> str:
    rows = [
        (
            f"{figure.lanes} speakers, unmixed" if figure.lanes else "mixed", figure.streams, f"{figure.us:.1f}",
            f"{_call_ms(figure):.1f} ms", f"{1000 / _call_ms(figure):.0f}",
            f"did not keep pace ({figure.behind_seconds:.1f} s behind)" if not figure.kept_pace else "",
        )
        for figure in figures
    ]  # fmt: skip
    heads = ("calls", "at once", "µs per frame", "CPU of a call, per second", "calls per core", "")
    return table(heads, rows)


def _call_ms(figure: Figure) -> float:
    """Of CPU time in each second."""
    return figure.us * FRAMES_A_SECOND * (figure.lanes or 1) / 1000


def lanes_verdicts(figures: list[Figure]) -> list[str]:
    lost = sum(figure.lost for figure in figures)
    return [at_most("frames lost of calls, mixed or with several speakers", lost, 0)]
