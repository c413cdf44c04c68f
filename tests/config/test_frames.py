"""Reading plain WebSocket messages: whatever the bytes and wherever they are cut, what `websockets` reads in them."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from config.serving.frames import control, plain

MESSAGES = st.one_of(st.text(max_size=300), st.binary(max_size=300), st.just("x" * 70_000), st.just(bytes(65_535)))


def framed(message: str | bytes) -> bytes:
    """As a client sends it, masked at random."""
    text = isinstance(message, str)
    data = message.encode() if isinstance(message, str) else message
    return Frame(Opcode.TEXT if text else Opcode.BINARY, data).serialize(mask=True)


def short(message: str | bytes) -> bool:
    return len(message.encode() if isinstance(message, str) else message) < 1 << 16


@given(st.lists(MESSAGES, max_size=6), st.integers(min_value=0))
def test_it_reads_whole_messages_and_no_more(messages: list[str | bytes], where: int) -> None:
    frames = [framed(message) for message in messages]
    data = b"".join(frames)
    cut = where % (len(data) + 1)
    read, used, unfinished = plain(data[:cut])
    whole, end = 0, 0
    while whole < len(frames) and short(messages[whole]) and end + len(frames[whole]) <= cut:
        end += len(frames[whole])
        whole += 1
    assert (read, used) == (messages[:whole], end)
    long = whole < len(messages) and not short(messages[whole])
    assert unfinished or (long and cut - end > 1)


@given(st.binary(min_size=2, max_size=40))
def test_what_it_takes_the_parser_takes_for_the_same(data: bytes) -> None:
    messages, used, _ = plain(data)
    stream = StreamReader()
    stream.feed_data(data[:used])
    for message in messages:
        parsing = Frame.parse(stream.read_exact, mask=True)
        with pytest.raises(StopIteration) as parsed:
            next(parsing)
        frame = parsed.value.value
        assert frame.fin
        assert message == (bytes(frame.data).decode() if frame.opcode is Opcode.TEXT else frame.data)
    assert not stream.buffer


@pytest.mark.parametrize(
    "other",
    [
        Frame(Opcode.PING, b"?").serialize(mask=True),
        Frame(Opcode.TEXT, b"half", fin=False).serialize(mask=True),
        Frame(Opcode.CONT, b"half").serialize(mask=True),
        b"\xc1" + framed("squeezed")[1:],
        Frame(Opcode.TEXT, b"not masked").serialize(mask=False),
        Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True),
        Frame(Opcode.BINARY, bytes(1 << 16)).serialize(mask=True),
        b"\x83\x80" + bytes(4),
    ],
    ids=["ping", "first part", "later part", "compressed", "not masked", "not UTF-8", "64 KiB", "reserved"],
)
def test_it_leaves_everything_else_where_it_lies(other: bytes) -> None:
    before = framed("one") + framed(b"two")
    assert plain(before + other + framed("three")) == (["one", b"two"], len(before), False)


def test_it_knows_how_long_a_whole_control_frame_is() -> None:
    for opcode in (Opcode.PING, Opcode.PONG, Opcode.CLOSE):
        frame = Frame(opcode, secrets.token_bytes(125)).serialize(mask=True)
        assert control(frame + framed("next")) == len(frame)
        assert control(frame[:-1]) == control(frame[:1]) == 0
        assert control(bytes([opcode]) + frame[1:]) == 0  # not final
        assert control(Frame(opcode, b"ab").serialize(mask=False)) == 0
    assert control(framed("text")) == control(b"") == 0
