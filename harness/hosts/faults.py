"""The layer of faults as a test sees it: what it is told, and its ledger of calls, faults and bytes.

Knows the ledger's layout (faults.c). Refuses to know what a fault is good for.
"""

import struct
from collections import Counter
from dataclasses import dataclass

from hosts import building

NAME, ROW, HEAD, RECORD = 24, 40, 16, 32


def behind(library):
    """The library with the layer behind it, as the loader takes both."""
    return f"{library}:{building.fault_layer()}"


def random(ledger, kinds, seed, rate):
    return {"FAULTS": kinds, "FAULTS_LEDGER": str(ledger), "FAULTS_SEED": str(seed),
            "FAULTS_RATE": str(rate)}


def walk(ledger, kinds):
    """The n-th connection meets one fault, in the n-th of its calls that can have it."""
    return {"FAULTS": kinds, "FAULTS_LEDGER": str(ledger), "FAULTS_WALK": "1"}


def walk_of_two(ledger, kinds, seed):
    """The n-th call on the way out is short, by the seed, and the one behind it fails."""
    return {**walk(ledger, kinds), "FAULTS_WALK": "then", "FAULTS_SEED": str(seed)}


@dataclass
class Moved:
    received: int  # by the server's kernel calls
    sent: int
    calls: int
    faults: int


class Ledger:
    def __init__(self, path):
        data = path.read_bytes()
        sites, self.count = struct.unpack_from("=QQ", data)
        self.calls, self.faults = Counter(), Counter()
        for row in range(sites):
            name, calls, faults = struct.unpack_from(f"={NAME}sQQ", data, HEAD + row * ROW)
            name = name.rstrip(b"\0").decode()
            self.calls[name], self.faults[name] = calls, faults
        first = HEAD + sites * ROW + RECORD  # they are numbered from 1
        self.connections = [Moved(*struct.unpack_from("=4Q", data, first + number * RECORD))
                            for number in range(self.count)]
