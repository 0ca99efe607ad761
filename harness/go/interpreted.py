"""A way into a static program where nobody may be traced: a copy of it that names its own interpreter.

The kernel begins a program in its interpreter, which is our guest's file; this one asks for no loader,
and goes on to the program. Knows ELF's program headers. Refuses to know what the guest does.
"""

import struct

INTERPRETER, NOTE, PAX, STACK = 3, 4, 0x65041580, 0x6474E551
# What a program can do without, the least missed first.
SPARE = (NOTE, PAX, STACK)
KIND_AND_FLAGS, REST = struct.Struct("<II"), struct.Struct("<QQQQQQ")
READABLE = 4


def headers(data):
    """The place and the kind of every program header."""
    assert data[:5] == b"\x7fELF\x02", "not a 64-bit ELF file"
    start, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    places = [start + number * size for number in range(count)]
    return [(place, KIND_AND_FLAGS.unpack_from(data, place)[0]) for place in places]


def interpreted(data, guest):
    """The program's bytes with such a header in the place of a spare one, and the name behind them."""
    known = {kind: place for place, kind in reversed(headers(data))}
    assert INTERPRETER not in known, "it has an interpreter already"
    place = next(known[kind] for kind in SPARE if kind in known)
    name = str(guest).encode() + b"\0"
    copy = bytearray(data + name)
    KIND_AND_FLAGS.pack_into(copy, place, INTERPRETER, READABLE)
    REST.pack_into(copy, place + KIND_AND_FLAGS.size, len(data), 0, 0, len(name), len(name), 1)
    return bytes(copy)


def write(source, guest, target):
    """A copy of the program `source` at `target` that begins in `guest`."""
    target.write_bytes(interpreted(source.read_bytes(), guest))
    target.chmod(0o755)
    return target
