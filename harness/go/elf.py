"""The place in a Go program that is patched, as bytes, and copies of programs in which it is disturbed.

Knows ELF's program headers, and instructions that do the same in other bytes. Refuses to know what the
place is good for.
"""

import struct

SIGNATURE = bytes.fromhex("4989f24889fa4889ce4889df0f05483d01f0ffff")
SAME_MOVE = (bytes.fromhex("4989f2"), bytes.fromhex("4c8bd6"))  # mov r10, rsi: two ways to write it
PADDING = b"\xcc" * (len(SIGNATURE) + 8)  # between functions
LOAD, HEADERS, EXECUTABLE = 1, 6, 1


def executable_segments(data):
    """The ranges of the file that are mapped to be executed; none if it is no 64-bit ELF file."""
    if data[:5] != b"\x7fELF\x02":
        return []
    start, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    found = []
    for number in range(count):
        kind, flags, offset, _, _, length = struct.unpack_from("<IIQQQQ", data, start + number * size)
        if kind == LOAD and flags & EXECUTABLE:
            found.append((offset, offset + length))
    return found


def places(data):
    """Where the signature is in the segments that are executed."""
    found = []
    for start, end in executable_segments(data):
        at = data.find(SIGNATURE, start, end)
        while at >= 0:
            found.append(at)
            at = data.find(SIGNATURE, at + 1, end)
    return found


def in_other_words(data):
    """The same instructions, one of them in other bytes."""
    at, = places(data)
    old, new = SAME_MOVE
    assert data[at:at + len(old)] == old
    return replaced(data, at, new)


def twice(data):
    """The signature once more, where nothing is executed."""
    for start, end in executable_segments(data):
        at = data.find(PADDING, start, end)
        if at >= 0:
            return replaced(data, at + 4, SIGNATURE)
    raise AssertionError("no room between two functions")


def replaced(data, at, new):
    return data[:at] + new + data[at + len(new):]


def with_headers_moved(data):
    """The program's headers in a segment of their own at the end, as tools leave them that edit programs."""
    moved = bytearray(data)
    at, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    headers = [list(struct.unpack_from("<IIQQQQQQ", data, at + 56 * i)) for i in range(count)]
    end = max(header[3] + header[6] for header in headers if header[0] == LOAD)
    address, place = (end + 0xfff) & ~0xfff, (len(data) + 0xfff) & ~0xfff
    moved += bytes(place - len(data))
    size = 56 * (count + 1)
    for header in headers:
        if header[0] == HEADERS:
            header[2:7] = [place, address, address, size, size]
    last = max(i for i, header in enumerate(headers) if header[0] == LOAD)
    headers.insert(last + 1, [LOAD, 4, place, address, address, size, size, 0x1000])
    for header in headers:
        moved += struct.pack("<IIQQQQQQ", *header)
    struct.pack_into("<Q", moved, 32, place)
    struct.pack_into("<H", moved, 56, count + 1)
    return bytes(moved)
