"""What is to run: the command line's words, checked, against what this machine can do.

A bad word ends the run with a sentence and the words that there are. Where less is possible (no root,
no namespaces, one processor), that is chosen, and said. Starts nothing but `tools/need`, which installs
what a choice lacks when it may.
"""

import os
import shutil
import subprocess
from pathlib import Path

from rebalance import arms, balancers, clients, protocols, schedule
from rebalance.experiment import Setup
from rebalance.network import Unavailable
from rebalance.servers import KINDS
from servers.description import PYTHON

NEED = Path(__file__).resolve().parent.parent.parent / "tools" / "need"
USUAL = 120.0  # seconds
LEAST = 10.0


class Refused(Exception):
    """Why there is no run."""


def chosen(word, what, table):
    if word not in table:
        raise Refused(f'no {what} "{word}"; there are: {", ".join(table)}')
    return table[word]


def there(need):
    """A command, a file or python:MODULE, as tools/need has them."""
    _, python, module = need.partition("python:")
    if not python:
        return shutil.which(need) or Path(need).exists()
    return subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True).returncode == 0


def obtained(group, needs):
    """Nothing when all is there, once tools/need has done what it may; else what it said."""
    if all(map(there, needs)):
        return ""
    said = subprocess.run([str(NEED), group], capture_output=True, text=True)
    if all(map(there, needs)):
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


# ---- The protocol, and what follows from it ------------------------------------------------------


def settle(options):
    options.protocol = chosen(options.protocol, "protocol", protocols.ALL)
    options.out = Path(options.out or Path(options.build) / options.protocol.folder())


def server_of(word, protocol):
    kinds = {name: KINDS[name] for name in protocol.servers}
    kind = chosen(word or protocol.servers[0], f"{protocol.name} server", kinds)
    if missing := obtained(f"rebalance-{kind.name}", kind.needs):
        raise Refused(f"the server {kind.name} cannot be had: {missing}")
    return kind


def arms_of(options, scale, cores, notes):
    requests = options.requests or options.protocol.requests
    table = arms.arms(requests, options.age * scale, options.jitter)
    if options.arms:
        names = list(dict.fromkeys(options.arms.split(",")))
    elif cores < 2:
        names = list(arms.FEWER)
        notes.append(f"One processor only: {' and '.join(names)} instead of all {len(table)} arms.")
    else:
        names = list(table)
    return [chosen(name, "arm", table) for name in names]


def clients_of(words, kind, protocol):
    if not words:
        return clients.default(protocol.shared, kind.holds)
    kinds = words.split(",")
    for each in kinds:
        chosen(each, f"{protocol.name} client", {name: True for name in protocol.clients})
    if clients.NODE in kinds and not shutil.which("node"):
        raise Refused("the client node cannot be had: there is no command node")
    if kind.holds and len(set(kinds)) > 1:
        raise Refused(f"{kind.name} gives a thread to each connection that a pool opens ahead of need: "
                      "node would wait for ever; use clients of one kind")
    return kinds


# ---- The rest ------------------------------------------------------------------------------------


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
    notes, cores = [*options.protocol.notes], len(os.sched_getaffinity(0))
    if options.seconds < LEAST:
        raise Refused(f"--seconds {options.seconds:g}: expected at least {LEAST:g}")
    if options.rate is not None and options.rate < 1:
        raise Refused(f"--rate {options.rate}: expected a whole number above 0")
    if (options.requests is not None and options.requests < 1 or options.age <= 0
            or not 0 <= options.jitter <= 100):
        raise Refused("expected --requests of 1 or more, --age above 0, --jitter from 0 to 100")
    scale = options.seconds / USUAL
    protocol = options.protocol
    kind = server_of(options.server, protocol)
    setup = Setup(
        kind=kind, balancer=None, clients=clients_of(options.clients, kind, protocol),
        arms=arms_of(options, scale, cores, notes), library=built(options.build, "liblastcall.so"),
        command=built(options.build, "lastcall"), root=root, seconds=options.seconds,
        plan=schedule.phases(options.seconds, protocol.quiet, protocol.busy), rate=options.rate,
        connections=max(36, round(protocol.connections * min(scale, 1))), protocol=protocol,
        least=protocol.least)
    setup.balancer = balancer_of(options.balancer, setup.folder("probe"), notes)
    busy_machine(cores, notes)
    return setup, notes
