"""Lines of CSV as spreadsheets take them. Knows nothing of what stands in them."""

import csv
import io
import re
from collections.abc import Iterable

MARK = "\ufeff".encode()
"""Says UTF-8 to spreadsheets; the beginning of a file."""
_FORMULA = re.compile(r"^[=@\t\r]|^[+-](?![\d ().-]*$)")


def line(values: Iterable[str]) -> bytes:
    """What a spreadsheet would take for a formula is made text."""
    text = io.StringIO()
    csv.writer(text).writerow([f"'{value}" if _FORMULA.match(value) else value for value in values])
    return text.getvalue().encode()
