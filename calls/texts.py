"""Words that people and programs write: what of them cannot be kept, or shown, in a sentence. Pure."""

import unicodedata

LINES = "\t\n\r"
LONGEST_SHOWN = 60


def any_text(text: str) -> str:
    """Whatever PostgreSQL can hold. Raises ValueError."""
    if "\0" in text:
        raise ValueError("A NUL character cannot be stored or searched for.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("This is half of a character (a lone surrogate); send whole ones.") from None
    return text


def one_line(text: str) -> str:
    """A name, a label: "" is none. Raises ValueError."""
    return _sensible(text, "")


def some_lines(text: str) -> str:
    """A note, a text that is spoken: "" is none. Raises ValueError."""
    return _sensible(text, LINES)


def an_id(text: str) -> str:
    """Of something at ACS: "" is none, blanks around it do not count. Raises ValueError."""
    plain = one_line(text).strip()
    if any(sign.isspace() or not sign.isprintable() for sign in plain):
        raise ValueError("An id holds no blanks and nothing that cannot be seen; copy it anew.")
    return plain


def shown(text: str) -> str:
    """As a sentence can repeat it: short, and nothing in it that a screen or log would follow."""
    plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in text.strip())
    return (plain if len(plain) <= LONGEST_SHOWN else f"{plain[:LONGEST_SHOWN]}…") or "“”"


def _sensible(text: str, allowed: str) -> str:
    any_text(text)
    if text and not any(sign.isprintable() and not sign.isspace() for sign in text):
        raise ValueError("This holds nothing that can be seen: write something, or leave it out.")
    odd = next((sign for sign in text if unicodedata.category(sign) == "Cc" and sign not in allowed), "")
    if odd:
        what = "a line break" if odd in "\n\r" else "a tabulator" if odd == "\t" else "a control character"
        raise ValueError(f"This holds {what} (U+{ord(odd):04X}), which cannot be kept here: take it out.")
    return text
