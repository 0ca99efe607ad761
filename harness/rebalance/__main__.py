"""`make rebalance`: the command line, the progress line, and where the results go.

Exit status: 0; 1 when a request failed in an arm in which none may, or the run is not as simulated;
2 for a bad choice; 130 after an interrupt. Decides nothing else.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from rebalance import (advice, choices, expectation, experiment, findings, pictures, protocols, report,
                       table)
from rebalance.arms import AGE, JITTER
from rebalance.balancers import ALL as BALANCERS
from rebalance.network import Unavailable
from support import content

NARROW = 10.0  # seconds between progress lines where there is no terminal
SHORT = 60.0  # seconds; a shorter run has too few connections to be held to the simulation


class Interrupted(Exception):
    pass


def options_of(arguments):
    parser = argparse.ArgumentParser(
        prog="rebalance", description="An autoscaler, with lastcall and without: real servers, "
        "a real balancer, measured and drawn.")
    parser.add_argument("--protocol", default=protocols.HTTP1.name, help=", ".join(protocols.ALL))
    parser.add_argument("--server", help="; ".join(
        f"{each.name}: {', '.join(each.servers)}" for each in protocols.ALL.values()))
    parser.add_argument("--balancer", help=", ".join(BALANCERS) + " (default: nft as root, else relay)")
    parser.add_argument("--arms", help="comma-separated (default: all): bare, drain, n, n-jitter, "
                        "age-jitter, no-drain")
    parser.add_argument("--clients", help="comma-separated, one process each: pool, node "
                        "(default: pool,pool,node; for gunicorn node alone); h2: grpc")
    parser.add_argument("--seconds", type=float, default=choices.USUAL)
    parser.add_argument("--requests", type=int, help="N of the arms that have one (default: "
                        + ", ".join(f"{each.name} {each.requests}" for each in protocols.ALL.values())
                        + ")")
    parser.add_argument("--age", type=float, default=AGE, help="seconds, of a run of two minutes")
    parser.add_argument("--jitter", type=int, default=JITTER, help="percent")
    parser.add_argument("--rate", type=int, help="LASTCALL_RATE of all instances (default: off)")
    parser.add_argument("--build", default="build", help="the folder of the library and the command")
    parser.add_argument("--out", help="where the results go (default: BUILD/rebalance, for h2 "
                        "BUILD/rebalance-h2)")
    parser.add_argument("--simulate", action="store_true",
                        help="no run: the table for 10 to 10 000 instances")
    parser.add_argument("--picture", metavar="FILE",
                        help="no run: draw the last result's picture into FILE")
    options = parser.parse_args(arguments)
    return options


# ---- Signals: noted, and met between two looks ---------------------------------------------------


class Signals:
    def __init__(self):
        self.met = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, number, _):
        self.met = self.met or number

    def check(self, *_):
        if self.met:
            raise Interrupted


# ---- Progress ------------------------------------------------------------------------------------


class Progress:
    def __init__(self, signals):
        self.signals, self.said = signals, -NARROW
        self.terminal = sys.stderr.isatty()

    def __call__(self, runs, now):
        self.signals.check()
        if runs and now >= self.said + (0.5 if self.terminal else NARROW):
            self.said = now
            self.say(f"{max(now, 0):4.0f} s of {runs[0].setup.seconds:.0f}  "
                     + "  ".join(map(standing, runs)))

    def say(self, line):
        if self.terminal:
            line = "\r" + line[:os.get_terminal_size(sys.stderr.fileno()).columns - 1] + "\033[K"
        print(line, end="" if self.terminal else "\n", file=sys.stderr, flush=True)

    def end(self):
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def standing(run):
    """How many instances, and how long the latest requests waited."""
    latest = run.record.done[-20:]
    waits = sorted(done.at - done.due for done in latest)
    wait = pictures.seconds(waits[len(waits) // 2]) if waits else "-"
    return f"{run.arm.name}: {len(run.those('ready'))}, {wait}"


# ---- A run and its results -----------------------------------------------------------------------


def experiment_run(options, signals):
    root = content.make_folder()
    progress = Progress(signals)
    try:
        setup, notes = choices.setup_of(options, root)
        print(report.what_it_is(findings.of_setup(setup)))
        print("".join(f"note: {note}\n" for note in notes), flush=True)
        runs = experiment.run(setup, progress)
        progress.end()
        return collected(runs, setup, notes)
    finally:
        content.remove_root(root)


def collected(runs, setup, notes):
    about = {"notes": notes, "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
             "processors": len(os.sched_getaffinity(0)), "load": os.getloadavg()}
    found = findings.of(runs, setup, about)
    for arm, run in zip(found["arms"], runs):
        arm["predicted"] = expectation.predict(run.arm, setup, arm["busy"]["held"],
                                               arm["busy"]["answered_per_s"])
        arm["compared"] = expectation.compare(run, found["setup"]["even_window_s"])
    return found


def prepare(out):
    """Before the run, not after it: is there a place for the results? Nothing is left there by it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise choices.Refused(f"the results cannot be written: {error}") from None


def write(found, out):
    (out / "result.json").write_text(json.dumps(found, indent=1) + "\n")
    for name, drawing in report.drawings(found).items():
        (out / f"{name}.svg").write_text(drawing.whole())
    (out / "report.html").write_text(report.html(found))


def faults(found):
    for arm in found["arms"]:
        if arm["clean"] and arm["failed"]:
            yield f"{arm['name']}: {arm['failed']} requests failed, and none may: {arm['failures'][:3]}"
        if arm["clean"] and (wrong := miscounted(arm["counted"])):
            yield f"{arm['name']}: {wrong}"
        if not arm["compared"]["agrees"] and found["setup"]["seconds"] >= SHORT:
            yield (f"{arm['name']}: {100 * arm['compared']['distance']:.1f} points from the simulation, "
                   f"more than {100 * expectation.TOLERANCE:.0f}")


def miscounted(counted):
    """What the servers' own count says against the clients', where they count."""
    if counted and counted["twice"]:
        return f"{counted['twice']} requests were executed twice"
    if counted and counted["unexplained"]:
        return f"{counted['unexplained']} requests were answered that no server executed"
    return ""


def run(options):
    signals = Signals()
    prepare(options.out)
    found = experiment_run(options, signals)
    write(found, options.out)
    print(table.terminal(found))
    print(f"\n{options.out}/report.html has the pictures.")
    wrong = list(faults(found))
    for fault in wrong:
        print(f"rebalance: {fault}", file=sys.stderr)
    return 1 if wrong else 0


def picture(options):
    result = options.out / "result.json"
    if not result.exists():
        raise choices.Refused(f"no {result}: run make rebalance first")
    found = json.loads(result.read_text())
    drawing = pictures.story(found, report.story_arms(found))
    Path(options.picture).write_text(drawing.whole())
    return 0


def main(arguments=None):
    options = options_of(arguments)
    try:
        choices.settle(options)
        if options.simulate:
            prepare(options.out)
            return advice.main(options.out)
        return picture(options) if options.picture else run(options)
    except choices.Refused as error:
        print(f"rebalance: {error}", file=sys.stderr)
        return 2
    except Interrupted:
        print("\nrebalance: interrupted; everything is ended", file=sys.stderr)
        return 130
    except (Unavailable, RuntimeError) as error:
        print(f"rebalance: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
