"""make scale: does the cost of a connection depend on how many there are, or on how many threads?

Memory of a connection and processor time of a request with 10, 10 000 and 100 000 connections open,
of HTTP/1.1 and of HTTP/2, and with one thread and eight. Reports; asserts no time. Scales down, with
a word, where it must.
"""

import argparse
import random
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import crowd, frames, processors, wrk
from bench.crowd import affordable
from bench.driving import server
from bench.memory import own
from bench.table import printed
from bench.variants import BARE, NOT_REACHED
from hosts.running import Host

CROWDS = (10, 10_000, 100_000)
REQUESTS, AT_ONCE, PARTS = 40_000, 10, 8
THREADS, CONNECTIONS_EACH, ROUNDS, LOADED = 8, 8, 7, 1.0
VARIANTS = (BARE, NOT_REACHED)
KINDS = {"HTTP/1.1": crowd.Visitor, "HTTP/2": frames.Visitor}


def host(variant, library, *options):
    return Host(*options, program=server(), library=variant.given(library),
                settings=variant.settings)


# ---- Many connections --------------------------------------------------------------------------


@dataclass
class Standing:
    connections: int
    memory: int  # bytes of the process's own, more than with none
    cpu: float  # microseconds a request, the connections taken at random


def with_crowds(variant, library, kind, sizes, requests=REQUESTS):
    """One process that is visited by more and more."""
    with host(variant, library, *kind.host) as running:
        pid = running.popen.pid
        idle = own(pid)
        with crowd.crowd(running.port, max(sizes), kind) as many:
            for size in sizes:
                many.grow(size)
                yield Standing(size, own(pid) - idle, cpu_a_request(pid, many, requests))


def cpu_a_request(pid, many, requests):
    """The least of a few parts: what disturbs can only add."""
    chance = random.Random(1)
    return min(cpu_of(pid, many, chance, requests // PARTS) for _ in range(PARTS))


def cpu_of(pid, many, chance, requests):
    before = processors.clock(pid)
    for _ in range(requests // AT_ONCE):
        many.use(chance.sample(many.visitors, AT_ONCE))
    return (processors.clock(pid) - before) / requests * 1e6


def sizes_here(wanted=CROWDS):
    """As far as this machine goes, and the words for what it does not."""
    found = [affordable(number) for number in wanted]
    return sorted({number for number, _ in found}), [word for _, word in found if word]


def crowds(library, name, sizes, requests=REQUESTS):
    bare, ours = (list(with_crowds(variant, library, KINDS[name], sizes, requests))
                  for variant in VARIANTS)
    lines = [[f"{name} connections open", "bytes each", "CPU µs bare", "with lastcall", "more", "ratio"]]
    for one, other in zip(bare, ours):
        each = (other.memory - one.memory) / one.connections
        lines.append([str(one.connections), f"{each:.0f}", f"{one.cpu:.2f}", f"{other.cpu:.2f}",
                      f"{other.cpu - one.cpu:+.2f}", f"{other.cpu / one.cpu:.3f}"])
    return lines


# ---- Many threads ------------------------------------------------------------------------------


def threaded(variant, library, threads):
    """Microseconds of processor a request; threads and load share all processors."""
    with host(variant, library, f"--threads={threads}") as running:
        pid = running.popen.pid
        before = processors.clock(pid)
        said = wrk.load(running.port, "/", LOADED, None, threads * CONNECTIONS_EACH)
        return (processors.clock(pid) - before) / said.requests * 1e6 if said else None


def threads(library, rounds=ROUNDS):
    """Paired rounds, as in the bench: the ratio is to the bare host of the same round."""
    lines = [["threads", "CPU µs bare", "with lastcall", "more", "ratio (least-most)"]]
    found = {count: [] for count in (1, THREADS)}
    for number in range(rounds):
        for count in found:
            pair = [threaded(variant, library, count) for variant in in_turn(VARIANTS, number)]
            if all(pair):
                found[count].append(in_turn(pair, number))
    for count, pairs in found.items():
        lines.append([f"{count}, {CONNECTIONS_EACH} connections each", *cells(pairs)])
    return lines


def in_turn(things, number):
    return list(things)[::-1] if number % 2 else list(things)


def cells(pairs):
    bare, ours = (median(column) for column in zip(*pairs))
    ratios = sorted(ours / bare for bare, ours in pairs)
    return [f"{bare:.2f}", f"{ours:.2f}", f"{ours - bare:+.2f}",
            f"{median(ratios):.3f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", type=Path, default="build/liblastcall.so")
    library = parser.parse_args().library.resolve()
    sizes, words = sizes_here()
    for name in KINDS:
        print(printed(crowds(library, name, sizes)), *words, "", sep="\n")
    print(printed(threads(library)))


if __name__ == "__main__":
    main()
