"""What of written words can be kept, and what of it a sentence repeats."""

from collections.abc import Callable

import pytest

from calls.texts import an_id, any_text, one_line, shown, some_lines

NOTHING, CONTROL = "This holds nothing that can be seen", "This holds a control character (U+"


@pytest.mark.parametrize(
    ("check", "text", "words"),
    [
        (any_text, "a\0b", "A NUL character"),
        (any_text, "a\ud800", "This is half of a character"),
        (one_line, "a\0b", "A NUL character"),
        (one_line, "  ", NOTHING),
        (one_line, "\t\n", NOTHING),
        (one_line, "\u200b\u2060", NOTHING),
        (one_line, "a\x1b[31m", f"{CONTROL}001B)"),
        (one_line, "a\x7f", f"{CONTROL}007F)"),
        (one_line, "a\x85b", f"{CONTROL}0085)"),
        (one_line, "a\nb", "This holds a line break (U+000A)"),
        (one_line, "a\tb", "This holds a tabulator (U+0009)"),
        (some_lines, " \r\n ", NOTHING),
        (some_lines, "a\x0bb", f"{CONTROL}000B)"),
        (an_id, "   ", NOTHING),
        (an_id, "two words", "An id holds no blanks"),
        (an_id, "9945\u200b1", "An id holds no blanks and nothing that cannot be seen"),
        (an_id, "a\x01", f"{CONTROL}0001)"),
    ],
)
def test_it_says_what_cannot_be_kept(check: Callable[[str], str], text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"U\+|NUL|half|nothing|blanks") as refused:
        check(text)
    assert str(refused.value).startswith(words)


def test_it_keeps_what_people_write() -> None:
    for text in ("", "Olga Öz", "نرم‌افزار", "👩‍👩‍👧", "日本語", "a\u202eb"):
        assert one_line(text) == some_lines(text) == text
    assert some_lines("Hello,\r\n\tworld\n") == "Hello,\r\n\tworld\n"
    assert an_id(" 29228d3e-040e-4656-a70e-890ab4e173e5 ") == "29228d3e-040e-4656-a70e-890ab4e173e5"
    assert an_id("") == ""


def test_a_sentence_repeats_what_can_be_read() -> None:
    assert shown(" Olga Öz ") == "Olga Öz"
    assert shown("a\x1b[31m\u202eb") == "a\ufffd[31m\ufffdb"
    assert shown("x" * 5_000) == "x" * 60 + "…"
    assert shown(" \n") == "“”"
