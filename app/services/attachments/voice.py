"""Voice recordings of browsers in the form that Meta takes: the Opus packets of a WebM, packed as Ogg.

Nothing is coded anew: the packets stay as they are. The header says mono whatever the recorder did,
which every decoder understands (RFC 7845, 5.1: the count is what comes out, not what is inside).
Sources: RFC 3533 (Ogg), RFC 7845 (Opus in Ogg), RFC 6716 3.1 (how long a packet is), RFC 9559 (Matroska),
read 2026-11.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _GROUP = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0
_INSIDE = frozenset({_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _GROUP})
_CODEC, _PRIVATE, _SIMPLE_BLOCK, _BLOCK = 0x86, 0x63A2, 0xA3, 0xA1
_LACING = 0x06
_SECOND = 48_000
_HEAD = struct.Struct("<8sBBHIhB")
_DEFAULT_HEAD = _HEAD.pack(b"OpusHead", 1, 1, 312, _SECOND, 0, 0)
_VENDOR = b"waba-console"
_MOST_SEGMENTS = 255
_MOST_PACKETS = 400_000
"""Over two hours, of which browsers make fifty packets a second. Millions would keep the server busy."""
_FIRST, _LAST = 2, 4


class NotOpus(ValueError):
    """No WebM with one track of Opus."""


def is_webm(head: bytes) -> bool:
    """Of WebM's family, whatever is inside."""
    return head.startswith(b"\x1a\x45\xdf\xa3")


def ogg_from_webm(data: bytes) -> bytes:
    """The same sound as Ogg. Raises NotOpus."""
    codec, head, packets = b"", b"", []
    try:
        for element, payload in _elements(data):
            if element == _CODEC:
                codec = codec or payload
            elif element == _PRIVATE:
                head = head or payload
            elif element in (_SIMPLE_BLOCK, _BLOCK):
                packets.append(_packet(payload))
                if len(packets) > _MOST_PACKETS:
                    raise NotOpus("too many packets")
    except (IndexError, struct.error):
        # A recording that broke off in the middle of a packet is good up to there.
        pass
    if codec.rstrip(b"\0") != b"A_OPUS" or not packets:
        raise NotOpus("no Opus in it")
    return b"".join(_pages(_mono(head), packets))


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every element that holds no others. Those that do are walked into, so their length does not matter."""
    at = 0
    while at < len(data):
        element, at = _number(data, at, keeps_mark=True)
        size, at = _number(data, at)
        if element in _INSIDE:
            continue
        if at + size > len(data):
            raise IndexError
        yield element, data[at : at + size]
        at += size


def _number(data: bytes, at: int, *, keeps_mark: bool = False) -> tuple[int, int]:
    """A number of one to eight bytes, and where the next thing begins."""
    first = data[at]
    length = 9 - first.bit_length()
    if length > 8 or at + length > len(data):
        raise IndexError
    value = int.from_bytes(data[at : at + length], "big")
    return (value if keeps_mark else value & ~(1 << (7 * length))), at + length


def _packet(block: bytes) -> bytes:
    """Behind the track's number, the time and the flags. Laced blocks hold several; recorders make none."""
    _track, at = _number(block, 0)
    if block[at + 2] & _LACING or len(block) <= at + 3:
        raise NotOpus("packets laced together")
    packet = block[at + 3 :]
    if len(packet) >= 255 * _MOST_SEGMENTS or (packet[0] & 3 == 3 and len(packet) < 2):
        raise NotOpus("no packet of Opus")
    return packet


def _mono(head: bytes) -> bytes:
    if len(head) < _HEAD.size or not head.startswith(b"OpusHead"):
        return _DEFAULT_HEAD
    _name, version, _channels, skip, rate, gain, _mapping = _HEAD.unpack(head[: _HEAD.size])
    return _HEAD.pack(b"OpusHead", version, 1, skip, rate, gain, 0)


def _pages(head: bytes, packets: list[bytes]) -> Iterator[bytes]:
    tags = b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", 0)
    yield _page([head], 0, 0, _FIRST)
    yield _page([tags], 0, 1, 0)
    waiting: list[bytes] = []
    number, granule, segments, length = 2, 0, 0, 0
    for packet in packets:
        more = len(packet) // 255 + 1
        if waiting and (segments + more > _MOST_SEGMENTS or length >= _SECOND):
            yield _page(waiting, granule, number, 0)
            number, waiting, segments, length = number + 1, [], 0, 0
        samples = _samples(packet)
        granule, length = granule + samples, length + samples
        segments += more
        waiting.append(packet)
    yield _page(waiting, granule, number, _LAST)


def _samples(packet: bytes) -> int:
    """How long a packet lasts, at 48,000 a second."""
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    return frame * ((1, 2, 2)[code] if code < 3 else packet[1] & 0x3F)


def _page(packets: list[bytes], granule: int, number: int, flags: int) -> bytes:
    table = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    start = struct.pack("<4sBBqII", b"OggS", 0, flags, granule, 1, number)
    rest = bytes([len(table)]) + table + b"".join(packets)
    checksum = _checksum(start + b"\0\0\0\0" + rest)
    return start + struct.pack("<I", checksum) + rest


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        rows.append(value & 0xFFFFFFFF)
    return tuple(rows)


_TABLE = _table()


def _checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value
