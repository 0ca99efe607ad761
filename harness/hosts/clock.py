"""The library's coarse clock in a test's hand: it stands still, is moved on, or leaps at each look.

Knows the file of clock.c. The server's own clock stays the kernel's.
"""

import mmap
import struct

from hosts import building

LONG_AGO = 1_000_000  # milliseconds; 0 would be no time


class Clock:
    def __init__(self, folder, step=0):
        """`step`: the milliseconds that pass with each look at it."""
        self.path = folder / "clock"
        self.path.write_bytes(struct.pack("=qq", LONG_AGO, step))
        with open(self.path, "r+b") as file:
            self.words = mmap.mmap(file.fileno(), 16)

    def settings(self):
        return {"CLOCK_FILE": str(self.path)}

    def pass_on(self, milliseconds):
        [now] = struct.unpack_from("=q", self.words)
        struct.pack_into("=q", self.words, 0, now + milliseconds)


def behind(library):
    """The library with the clock behind it, as the loader takes both."""
    return f"{library}:{building.clock()}"
