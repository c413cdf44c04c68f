"""Address books as spreadsheets write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.address_book import MOST_LINES, Entry, Problem, read_people

OLGA, OTTO = Entry("4:+4930123456", "Olga Öz"), Entry("8:acs:r_u", "Otto, the second")
BOTH: tuple[list[Entry], list[Problem]] = ([OLGA, OTTO], [])


@pytest.mark.parametrize(
    "text",
    [
        '+4930123456,Olga Öz\n8:acs:r_u,"Otto, the second"\n',
        "+4930123456;Olga Öz\r\n8:acs:r_u;Otto, the second",
        "+49 (0)30 / 123-456\tOlga Öz\r8:acs:r_u\tOtto, the second\r",
        "number;name\n+4930123456;Olga Öz\n8:acs:r_u;Otto, the second\n",
        "Department;Name;E-mail;Telefon\nA;Olga Öz;x@y;+4930123456\nB;Otto, the second;x@y;8:acs:r_u",
        'name,raw_id\n"Olga  Öz","+49 30 123456"\n"Otto, the second",8:acs:r_u\n',
        "Olga Öz;+49.30.123456\n\n;\nOtto, the second;8:acs:r_u\n",
        "sep=;\n+4930123456;Olga Öz\n8:acs:r_u;Otto, the second\n",
        '\'+4930123456;Olga Öz\n="8:acs:r_u";Otto, the second\n',
        '+4930123456,"Olga\nÖz"\n8:acs:r_u,"Otto, the second"\n',
    ],
)
def test_it_reads_what_spreadsheets_write(text: str) -> None:
    for content in (text, text.encode(), b"\xef\xbb\xbf" + text.encode(), "\ufeff" + text, text.encode("utf-16")):
        assert read_people(content) == BOTH


def test_it_keeps_raw_ids_as_they_are() -> None:
    ids = ["4:anonymous", "4:+15550100_123", "8:teamsvisitor:v", "28:orgid:a", "8:orgid:g"]
    found = read_people("\n".join(f"{raw_id},{number}" for number, raw_id in enumerate(ids)))
    assert [entry.raw_id for entry in found.entries] == ids
    assert found.problems == []


def test_it_names_each_line_that_it_leaves_out() -> None:
    text = """number,name
+4930123456,Olga
0049 30 999999,Otto
030 123456,Otto
4.93012E+10,Otto
+4930777777,
,Otto
+49 30 123456,Olga again
nobody,Otto
"+4930888888","Two
lines"
+1-800-FLOWERS,Shop
+4930666666,Ada"""
    entries, problems = read_people(text)
    assert entries == [("4:+4930123456", "Olga"), ("4:+4930888888", "Two lines"), ("4:+4930666666", "Ada")]
    assert problems == [
        Problem(3, "0049 30 999999: write +4930999999, with + in place of 00."),
        Problem(4, "030 123456: write + and the country code before it, like +4930123456."),
        Problem(5, "4.93012E+10: the spreadsheet rounded this number; make the column text, and enter it again."),
        Problem(6, "The name is missing: write a number and a name on each line."),
        Problem(7, "The number is missing: write a number and a name on each line."),
        Problem(8, "+4930123456 stands on line 2 already, as Olga: this line is left out."),
        Problem(9, "nobody: write a number like +4930123456, or a raw id like 8:acs:… or 8:orgid:…."),
        Problem(12, "+1-800-FLOWERS: write a number like +4930123456, or a raw id like 8:acs:… or 8:orgid:…."),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem(1, "The file is empty: write a number and a name on each line.")),
        ("\ufeff \n\n", Problem(1, "The file is empty: write a number and a name on each line.")),
        (
            "+4930123456;Olga\n+4930777777;Jörg".encode("latin-1"),
            Problem(2, "This is not UTF-8: save the file as “CSV UTF-8” and send it again."),
        ),
        (b"\xff\xfea", Problem(1, "This is not UTF-8: save the file as “CSV UTF-8” and send it again.")),
        ("+4930123456;" + "x" * 201, Problem(1, "A name has at most 200 characters.")),
        ("8:acs:" + "x" * 300 + ";Olga", Problem(1, "8:acs:xxxxxxxxxxxxxx…: an id has at most 300 characters.")),
        ("+4930123456", Problem(1, "The name is missing: write a number and a name on each line.")),
    ],
)
def test_it_says_in_a_sentence_what_it_cannot_read(content: bytes | str, problem: Problem) -> None:
    assert read_people(content) == ([], [problem])


def test_it_reads_no_endless_cell_and_no_endless_file() -> None:
    found = read_people("+4930123456;Olga\n+4930777777;" + "x" * 200_000 + "\n+4930888888;Otto")
    assert found.entries == [("4:+4930123456", "Olga"), ("4:+4930888888", "Otto")]
    assert [problem.line for problem in found.problems] == [2]
    many = read_people("\n" * MOST_LINES + "+4930123456;Olga")
    assert many == ([], [Problem(MOST_LINES + 1, f"Only {MOST_LINES} lines are read: divide the file.")])


def test_it_makes_no_name_of_what_follows_an_open_quotation_mark() -> None:
    found = read_people('+4930123456;Olga\n+4930777777;"Otto\n+4930888888;Ada')
    assert found.entries == [("4:+4930123456", "Olga")]
    assert found.problems == [
        Problem(2, "This line cannot be read, look at its quotation marks: unexpected end of data.")
    ]
    assert read_people('+4930123456;"Olga" x\n+4930888888;Ada').entries == [("4:+4930888888", "Ada")]


def test_it_stores_no_nul() -> None:
    assert read_people("+4930123456;Ol\0ga").entries == [("4:+4930123456", "Ol\ufffdga")]
    assert read_people("8:acs:a\0b;Olga").entries == []


@given(st.binary() | st.text().map(str.encode) | st.text(alphabet='+049;,\t"\n a'))
def test_it_fails_on_nothing(content: bytes | str) -> None:
    entries, problems = read_people(content)
    assert entries or problems or content.strip()
    assert len({entry.raw_id for entry in entries}) == len(entries)


NAMES = st.text(st.characters(categories=["L", "P", "N"]), min_size=1, max_size=30)
NUMBERS = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)


@settings(max_examples=50)
@given(st.lists(st.tuples(NUMBERS, NAMES), min_size=1, unique_by=lambda pair: pair[0]), st.sampled_from(";,\t"))
def test_it_reads_back_every_book(people: list[tuple[str, str]], delimiter: str) -> None:
    quoted = ["name" + delimiter + "number", *(f'"{n.replace(chr(34), chr(34) * 2)}"{delimiter}{t}' for t, n in people)]
    assert read_people("\n".join(quoted)) == ([Entry(f"4:{number}", name) for number, name in people], [])
