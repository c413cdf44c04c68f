"""The plain messages in what was read from a WebSocket. Pure.

Nearly all that ACS sends is of one form: a whole text message in one frame, masked, of less than 64 KiB. Reading that
takes 0.4 µs here, most of it in C, and 2.4 µs in the parser of `websockets`, to which everything else is left.
"""

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without its C extension
    from websockets.utils import apply_mask

TEXT, BINARY = 0x81, 0x82  # final, nothing reserved, not a continuation
CLOSE, PONG = 0x88, 0x8A
MASKED, TWO_BYTES, EIGHT_BYTES = 0x80, 0xFE, 0xFF  # the second byte: masked, and a length or how long the length is


def plain(data: bytes) -> tuple[list[str | bytes], int, bool]:
    """The messages at the beginning of `data`, how many bytes they took, and whether what follows them is nothing or
    the beginning of one more. Else it is something that only a whole parser understands."""
    messages: list[str | bytes] = []
    at, size = 0, len(data)
    while size - at > 1:
        kind, length, begin = data[at], data[at + 1], at + 6
        if length == TWO_BYTES and size - at > 3:
            length, begin = data[at + 2] << 8 | data[at + 3], at + 8
        elif MASKED <= length < TWO_BYTES:
            length -= MASKED
        else:
            return messages, at, length == TWO_BYTES and kind in (TEXT, BINARY)
        if kind not in (TEXT, BINARY):
            return messages, at, False
        end = begin + length
        if end > size:
            return messages, at, True
        payload = apply_mask(data[begin:end], data[begin - 4 : begin])
        if kind == TEXT:
            try:
                messages.append(payload.decode())
            except UnicodeDecodeError:
                return messages, at, False
        else:
            messages.append(payload)
        at = end
    return messages, at, at == size or data[at] in (TEXT, BINARY)


def control(data: bytes) -> int:
    """The size of the ping, pong or close frame at the beginning of `data`; 0 where none is, or only a part of one."""
    if len(data) > 1 and CLOSE <= data[0] <= PONG and MASKED <= data[1] < TWO_BYTES:
        size = data[1] - MASKED + 6
        return size if size <= len(data) else 0
    return 0
