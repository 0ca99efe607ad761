"""The place in a Go program that is patched, as bytes, and copies of programs in which it is disturbed.

Knows ELF's program headers, and instructions that do the same in other bytes. Refuses to know what the
place is good for.
"""

import struct

SIGNATURE = bytes.fromhex("4989f24889fa4889ce4889df0f05483d01f0ffff")
SAME_MOVE = (bytes.fromhex("4989f2"), bytes.fromhex("4c8bd6"))  # mov r10, rsi: two ways to write it
PADDING = b"\xcc" * (len(SIGNATURE) + 8)  # between functions
LOAD, EXECUTABLE = 1, 1


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
