"""make endurance: real servers of threads under load at N = 1000, with a processor taken away from them.

Each runs alone for some seconds, and its status page tells how it went: no connection was let go of because
two threads met on it, none because bytes went out unseen (but for clients that had left), and all that
reached the limit were told close on it. A fault ends in exit status 1.
"""

import argparse
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from conftest import Stable
from hosts import building
from servers import NAMED, apache, c_programs, ruby, small_static
from servers.description import Server, app_environment
from support import content, load_tools
from support.command_pages import runner
from support.live import Live, flat, total
from support.process import environment
from support.waiting import until

HERE = Path(__file__).resolve().parent
LIMIT = 1000
CLIENTS = 4
MANY = {"jdk": 32, "civetweb": 32}  # each waits 40 ms a request: head and body are written apart
MINUTE = 60
THREADS = "two threads in one direction"
SPIN = "while True: pass"


def workers(name, *words):
    return Server(name, packages=("gcc",), needs=("gcc",), environment=app_environment,
                  command=lambda place: [str(building.workers()), "serve=1", *words])


def with_threads(name, command, threads):
    """As many as it has clients, or it would close kept connections while others wait."""
    return replace(NAMED[name], command=lambda place: command(place, threads))


def servers():
    mpm_worker = replace(NAMED["apache-event"], name="apache-worker", command=apache.by("worker"))
    pool = c_programs.mhd("mhd-pool", "pool")
    own = [with_threads("puma", ruby.puma, 2 * CLIENTS),
           with_threads("civetweb", small_static.civetweb, 2 * MANY["civetweb"])]
    names = ("haproxy", "jdk", "cheroot", "waitress", "mhd-epoll", "mhd-threads")
    subjects = [workers("workers", "threads=4"), workers("workers-herd", "herd=1", "threads=4"),
                NAMED["apache-event"], mpm_worker, pool, *own, *(NAMED[name] for name in names)]
    return {server.name: server for server in subjects}


# ---- A run -------------------------------------------------------------------------------------


@dataclass
class Outcome:
    name: str
    answered: int  # as the clients count
    numbers: dict  # as the page does
    opaque: dict
    faults: list


@contextmanager
def busy():
    """A process that takes a processor away."""
    with subprocess.Popen([sys.executable, "-c", SPIN], env=environment({})) as process:
        try:
            yield
        finally:
            process.kill()


def clients_of(name):
    return MANY.get(name, CLIENTS)


def load(live, server, seconds):
    url = f"http://127.0.0.1:{live.port}{server.small}"
    words = ["wrk", "-t", "1", "-c", str(clients_of(server.name)), "-d", f"{seconds}s", url]
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + MINUTE,
                          stdin=subprocess.DEVNULL, env=environment({}))
    assert done.returncode == 0, done.stdout + done.stderr
    return load_tools.of_wrk(done.stdout).answered


def run(stable, server, library, seconds):
    pages = content.reachable(stable.root / f"pages-{server.name}")
    settings = {"LASTCALL_REQUESTS": str(LIMIT), "LASTCALL_STATUS": str(pages)}
    process = stable.start(server, library, settings)
    try:
        live = Live(process, runner(library.parent / "lastcall"))
        with busy():
            answered = load(live, server, seconds)
        until(lambda: not live.numbers()["open"])
        status = live.status()
        return judged(server.name, answered, total(map(flat, status)),
                      total(one["opaque"] for one in status))
    finally:
        stable.drop(process)


def judged(name, answered, numbers, opaque):
    told = numbers["last requests"]
    others = numbers["connections"] - told
    faults = []
    if opaque["overlap"]:
        faults.append(f"{opaque['overlap']} connections let go of: {THREADS}")
    if opaque["unseen_bytes"] > clients_of(name):  # those that left at the load's end
        faults.append(f"{opaque['unseen_bytes']} connections let go of: unseen bytes")
    if not told:
        faults.append("no connection reached its limit; give it more time: ENDURE_FOR")
    if not answered or numbers["open"]:
        faults.append(f"{answered} answers, and {numbers['open']} connections open")
    if not 0 <= numbers["exchanges"] - LIMIT * told <= (LIMIT - 1) * others:
        faults.append(f"{told} of {numbers['connections']} connections told close")
    return Outcome(name, answered, numbers, opaque, faults)


# ---- What is printed ---------------------------------------------------------------------------


def line(outcome):
    let_go = ", ".join(f"{reason} {count}" for reason, count in outcome.opaque.items() if count)
    numbers = outcome.numbers
    return (f"{outcome.name}: {outcome.answered} answers, {numbers['connections']} connections, "
            f"{numbers['last requests']} told close; let go of: {let_go or 'none'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, default=HERE.parent / "build" / "liblastcall.so")
    parser.add_argument("--seconds", type=int, default=MINUTE)
    parser.add_argument("--servers", nargs="+", choices=servers(), default=list(servers()))
    asked = parser.parse_args()
    root, faults = content.make_root(), 0
    try:
        stable = Stable(root, 0)
        for name in asked.servers:
            server = servers()[name]
            if server.missing():
                print(f"{name}: skipped, for want of {' '.join(server.packages)}", flush=True)
                continue
            outcome = run(stable, server, asked.library.resolve(), asked.seconds)
            print(line(outcome), flush=True)
            for fault in outcome.faults:
                print(f"{name}: {fault}", file=sys.stderr, flush=True)
            faults += len(outcome.faults)
    finally:
        content.remove_root(root)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
