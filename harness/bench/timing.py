"""make bench: what a limit costs in time, side by side, on this machine. Asserts nothing.

Prints one table, then what repeats exactly, then the goals; writes result.json, chart.svg and, from a
whole run, performance.md, the page on cost, and readme.md, the README's words on it.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from bench import columns, counts, goals, machine, report, rounds, section, server_calls
from bench.slots import Bench
from bench.table import printed
from bench.timed_servers import PROXIES, SERVERS
from support.process import Ports
from support.waiting import Deadline

ROUNDS, QUICK_ROUNDS = 7, 4
SECONDS, QUICK_SECONDS = 320, 55  # of everything: what counting leaves, the rounds take
MOST_DISTURBED = 0.1  # of the slots of a run that is shown to others
MARK = ('"!": too few rounds in which nothing else ran on this machine; such a figure is a hint, and no',
        'goal is judged by it')


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", type=Path, default="build/liblastcall.so")
    parser.add_argument("--out", type=Path, default="build/bench", help="where the files go")
    parser.add_argument("--quick", action="store_true", help="fewer servers, columns and rounds")
    parser.add_argument("--publish", type=Path, help="also copy the picture here, if the run was calm")
    parser.add_argument("servers", nargs="*", help="only these servers")
    return parser.parse_args()


def possible(plan, wanted):
    """The plan without what this machine lacks, and the words for what was left out."""
    lacking = {one.name: one.missing() for one in (*SERVERS.values(), *PROXIES.values())}
    words = [f"left out: {name}, for want of {' '.join(what)}" for name, what in lacking.items() if what]
    kept = {server: tuple(name for name in names if is_possible(columns.COLUMNS[name], lacking))
            for server, names in plan.items()
            if not lacking[server] and (not wanted or server in wanted)}
    return kept, words


def is_possible(column, lacking):
    return not (column.front and lacking[column.front])


def timed(bench, plan, number, deadline):
    def slot(server, column):
        return bench.slot(SERVERS[server], columns.COLUMNS[column])
    return rounds.run(plan, number, slot, deadline, told)


def told(number):
    print(f"round {number + 1}", end=" ", flush=True, file=sys.stderr)


def slots_of(results):
    return [slot for one in results.rounds for slot in one.values()]


def disturbed_share(results):
    slots = slots_of(results)
    return sum(slot is None or slot.disturbed for slot in slots) / max(len(slots), 1)


def said_about(results, number):
    done, slots = len(results.rounds), slots_of(results)
    yield f"{done} rounds of {number}" + (", the time was over" if done < number else "")
    yield (f"{len(slots)} slots, {results.repeated} repeated,"
           f" {disturbed_share(results):.0%} disturbed in the end")
    yield from MARK if any(slot is None or slot.disturbed for slot in slots) else ()
    errors = sum(slot.errors for slot in slots if slot)
    if errors:
        yield f"{errors} errors seen by the clients"


def main():
    given = options()
    bench = Bench(given.library.resolve(), Ports())
    try:
        measure(given, bench)
    finally:
        bench.close()


def measure(given, bench):
    plan, words = possible(columns.QUICK if given.quick else columns.FULL, given.servers)
    number, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if given.quick else (ROUNDS, SECONDS)
    deadline, figures = Deadline(seconds), {}
    if not given.quick:
        figures |= server_calls.of_all(bench, plan) | counts.counted(bench.library)
    results = timed(bench, plan, number, deadline)
    figures |= {goals.RATIO: report.ratios(results, plan)}
    words += said_about(results, number)
    show(given, results, plan, figures, words)
    write(given, results, plan, figures, words)


def show(given, results, plan, figures, words):
    print("\n" + report.table(results, plan), *words, "", sep="\n")
    if not given.quick:
        print(counts.instruction_lines(figures), "", printed(list(counts.lines_of(figures))), "",
              sep="\n")
    print(goals.table(figures, goals.TIMED if given.quick else goals.COUNTED + goals.TIMED,
                      report.disturbed(results, plan)))


def write(given, results, plan, figures, words):
    given.out.mkdir(parents=True, exist_ok=True)
    whole = {"machine": machine.facts(), "words": words, "figures": figures,
             **report.record(results, plan)}
    (given.out / "result.json").write_text(json.dumps(whole, indent=1) + "\n")
    chart = given.out / "chart.svg"
    chart.write_text(report.picture(results, plan))
    if not given.quick:
        calm = {"slots": len(slots_of(results)), "disturbed": disturbed_share(results)}
        (given.out / "performance.md").write_text(section.page(results, plan, figures, calm))
        (given.out / "readme.md").write_text(section.brief(results, figures))
    print("\nwritten:", *sorted(given.out.iterdir()))
    if given.publish and disturbed_share(results) > MOST_DISTURBED:
        sys.exit("not published: too much else ran on this machine")
    if given.publish:
        shutil.copy(chart, given.publish)
        shutil.copy(given.out / "performance.md", given.publish.with_name("performance.md"))


if __name__ == "__main__":
    main()
