"""Lets an Ogg Opus file of six to eight participants keep all of them. Pure.

Six to eight channels are surround sound to Opus, whose last channel is the low-frequency effect: what is above 120 Hz
is thrown away, and with it a participant. Nine and more are discrete (channel mapping family 255, RFC 7845 section
5.1.1.3), so such files are encoded with silent ones up to nine, and the header is then made to name the first six to
eight alone.
"""

import struct

DISCRETE = 9
SURROUND_WITH_EFFECT = range(6, 9)
_PAGE_HEAD = 27


def name_channels(page: bytes, channels: int) -> bytes:
    """The first page of an Ogg Opus file, OpusHead, with only the first `channels` of its channels. Shorter than
    `page`."""
    head = page[_PAGE_HEAD + 1 : _PAGE_HEAD + 1 + page[_PAGE_HEAD]]
    if page[:4] != b"OggS" or page[26] != 1 or head[:8] != b"OpusHead" or head[18] != 255:
        raise ValueError("This is no first page of an Ogg Opus file with discrete channels.")
    head = head[:9] + bytes([channels]) + head[10 : 21 + channels]
    unsummed = page[:22] + bytes(4) + bytes([1, len(head)]) + head
    return unsummed[:22] + struct.pack("<I", _crc(unsummed)) + unsummed[26:]


def first_page(start: bytes) -> bytes:
    """The first page of a file that begins with `start`."""
    return start[: _PAGE_HEAD + 1 + start[_PAGE_HEAD]]


def _crc(page: bytes) -> int:
    """Ogg's checksum (RFC 3533): polynomial 0x04c11db7, not reflected, from 0. A page of 60 bytes needs no table."""
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x104C11DB7 if register & 0x80000000 else 0)
    return register
