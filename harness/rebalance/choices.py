"""What is to run: the command line's words, checked, against what this machine can do.

A bad word ends the run with a sentence and the words that there are. Where less is possible (no root,
no namespaces, one processor), that is chosen, and said. Starts nothing but `tools/need`, which installs
what a choice lacks when it may.
"""

import os
import shutil
import subprocess
from pathlib import Path

from rebalance import arms, balancers, clients, schedule
from rebalance.experiment import Setup
from rebalance.network import Unavailable
from rebalance.servers import KINDS

NEED = Path(__file__).resolve().parent.parent.parent / "tools" / "need"
USUAL = 120.0  # seconds
LEAST = 10.0
CONNECTIONS = 240
QUIET, BUSY = 45, 150  # requests a second: 56% of two instances, 63% of six


class Refused(Exception):
    """Why there is no run."""


def chosen(word, what, table):
    if word not in table:
        raise Refused(f'no {what} "{word}"; there are: {", ".join(table)}')
    return table[word]


def obtained(group, commands):
    """Whether all commands are there, once tools/need has done what it may; else what it said."""
    if all(map(shutil.which, commands)):
        return ""
    said = subprocess.run([str(NEED), group], capture_output=True, text=True)
    if all(map(shutil.which, commands)):
        return ""
    return (said.stderr.strip() or said.stdout.strip() or "missing").splitlines()[-1]


# ---- The balancer, and what is done without it ---------------------------------------------------


def why_not(balancer, folder):
    """Why this balancer cannot be had here, or nothing."""
    if balancer.root and os.geteuid() != 0:
        return f"{balancer.name} needs root, for its network namespaces"
    if missing := obtained(f"rebalance-{balancer.name}", balancer.commands):
        return f"{balancer.name}: {missing}"
    try:
        balancer(folder).close()
    except Unavailable as error:
        return f"{balancer.name}: {error}"
    return ""


def balancer_of(word, folder, notes):
    balancer = chosen(word or balancers.default(), "balancer", balancers.ALL)
    if reason := why_not(balancer, folder):
        notes.append(f"{reason}. The run goes on with the harness's own relay.")
        return balancers.Relay
    if not word and balancer is balancers.Relay:
        notes.append("Not root: the harness's own relay is the balancer. As root it would be nftables.")
    return balancer


# ---- The rest ------------------------------------------------------------------------------------


def server_of(word):
    kind = chosen(word, "server", KINDS)
    if missing := obtained(f"rebalance-{kind.name}", kind.needs):
        raise Refused(f"the server {word} cannot be had: {missing}")
    return kind


def arms_of(options, scale, cores, notes):
    table = arms.arms(options.requests, options.age * scale, options.jitter)
    if options.arms:
        names = list(dict.fromkeys(options.arms.split(",")))
    elif cores < 2:
        names = list(arms.FEWER)
        notes.append(f"One processor only: {' and '.join(names)} instead of all {len(table)} arms.")
    else:
        names = list(table)
    return [chosen(name, "arm", table) for name in names]


def clients_of(words, kind):
    if not words:
        return clients.default(kind.holds)
    kinds = words.split(",")
    for each in kinds:
        chosen(each, "client", clients.COMMANDS)
    if clients.NODE in kinds and not shutil.which("node"):
        raise Refused("the client node cannot be had: there is no command node")
    if kind.holds and len(set(kinds)) > 1:
        raise Refused(f"{kind.name} gives a thread to each connection that a pool opens ahead of need: "
                      "node would wait for ever; use clients of one kind")
    return kinds


def built(build, name):
    path = (Path(build) / name).resolve()
    if not path.exists():
        raise Refused(f"no {path}: run make first")
    return path


def busy_machine(cores, notes):
    load = os.getloadavg()[0]
    if load > 1.5 * cores:
        notes.append(f"This machine is busy: a load of {load:.1f} on {cores} processors. All arms feel it.")


def setup_of(options, root):
    """The whole setup, and what is to be said about it."""
    notes, cores = [], len(os.sched_getaffinity(0))
    if options.seconds < LEAST:
        raise Refused(f"--seconds {options.seconds:g}: expected at least {LEAST:g}")
    if options.rate is not None and options.rate < 1:
        raise Refused(f"--rate {options.rate}: expected a whole number above 0")
    if options.requests < 1 or options.age <= 0 or not 0 <= options.jitter <= 100:
        raise Refused("expected --requests of 1 or more, --age above 0, --jitter from 0 to 100")
    scale = options.seconds / USUAL
    kind = server_of(options.server)
    setup = Setup(
        kind=kind, balancer=None, clients=clients_of(options.clients, kind),
        arms=arms_of(options, scale, cores, notes), library=built(options.build, "liblastcall.so"),
        command=built(options.build, "lastcall"), root=root, seconds=options.seconds,
        plan=schedule.phases(options.seconds, QUIET, BUSY), rate=options.rate,
        connections=max(36, round(CONNECTIONS * min(scale, 1))))
    setup.balancer = balancer_of(options.balancer, setup.folder("probe"), notes)
    busy_machine(cores, notes)
    return setup, notes
