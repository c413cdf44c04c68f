"""What was lost by each fault, as `make faults` prints it in the end: written down by the tests, which have checked
it."""

LINES: list[tuple[str, str, str]] = []


def tell(fault: str, lost: str, screen: str) -> None:
    """`screen`: what the API and the pages said of it meanwhile and afterwards."""
    LINES.append((fault, lost, screen))


def table() -> list[str]:
    heads = ("fault", "lost of what was sent", "what the screen said")
    lines = sorted(set(LINES), key=LINES.index)
    widths = [max(len(line[column]) for line in (heads, *lines)) for column in range(3)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in (heads, *lines)]
