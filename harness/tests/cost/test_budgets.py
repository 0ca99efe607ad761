"""The budgets hold: what the library adds, in figures that repeat exactly. No time is asserted.

Counted once for all tests here, on one worker: by callgrind, by strace, in pages.
"""

import shutil

import pytest

from bench import budgets, counts, goals
from bench.counted_rows import ROWS

# Counting slows a program down fifty times, and others may use the machine.
pytestmark = [pytest.mark.xdist_group("budgets"), pytest.mark.timeout(600)]
TOOLS = ("valgrind", "strace", "strip")


@pytest.fixture(scope="module")
def counted(library):
    lacking = [tool for tool in TOOLS if not shutil.which(tool)]
    if lacking:
        pytest.skip(f"install {' '.join(lacking)} to count what the library costs")
    return counts.counted(library)


def within_budget(counted, kind, row):
    over = budgets.report({kind: {row: counted[kind][row]}}, budgets.load())
    assert not over, "\n" + over


@pytest.mark.parametrize("row", [row.name for row in ROWS])
def test_instructions_are_within_their_budget(counted, row):
    within_budget(counted, goals.INSTRUCTIONS, row)


def test_a_request_costs_the_same_whether_one_connection_is_open_or_hundreds(counted):
    alone, in_crowd = (counted[goals.INSTRUCTIONS][row] for row in ("41B", "41B-in-crowd"))
    for variant, value in alone.items():
        assert in_crowd[variant] == pytest.approx(value, rel=0.02)


@pytest.mark.parametrize("row", [row.name for row in ROWS if row.wire and not row.crowd])
def test_no_system_call_is_added_to_a_request_far_from_both_ends(counted, row):
    assert set(counted[goals.CALLS][row].values()) == {0}


both = pytest.mark.parametrize("connection", [goals.CONNECTION, goals.H2_CONNECTION])


@both
def test_no_system_call_is_added_between_the_opening_and_the_last_request(counted, connection):
    places = counted[goals.ENDS][connection]
    assert (places[goals.FIRST], places[goals.BETWEEN]) == (0, 0)


@both
def test_system_calls_at_both_ends_of_a_connection_are_within_their_budget(counted, connection):
    within_budget(counted, goals.ENDS, connection)


def test_an_http2_connection_was_told_and_finished_when_its_system_calls_were_counted(counted):
    places = counted[goals.ENDS][goals.H2_CONNECTION]
    assert places[goals.TOLD] > 0 and places[goals.FINISHED] > 0


@pytest.mark.parametrize("row", ["idle process", "5000 connections", "5000 HTTP/2 connections",
                                 "library file"])
def test_memory_is_within_its_budget(counted, row):
    within_budget(counted, goals.MEMORY, row)


# ---- The budgets themselves ----------------------------------------------------------------------

FIGURES = {"instructions added": {"41B": {"not reached": 100, "with status": 110}}}


def test_a_figure_over_its_budget_is_told_with_the_way_to_accept_it():
    over = budgets.report({"instructions added": {"41B": {"not reached": 104}}},
                          budgets.budgeted(FIGURES))
    assert "instructions added / 41B / not reached: 104, over its budget of 103" in over
    assert budgets.UPDATE in over


def test_a_figure_without_a_budget_is_told():
    assert "over its budget of nothing" in budgets.report(FIGURES, {})


def test_figures_within_their_budgets_are_not_mentioned():
    assert budgets.report(FIGURES, budgets.budgeted(FIGURES)) == ""


def test_a_gain_is_a_budget_of_nothing():
    assert budgets.with_margin(-5) == 0


def test_budgets_are_read_as_they_were_written(tmp_path):
    budgets.save(FIGURES, tmp_path / "budgets.json")
    assert budgets.load(tmp_path / "budgets.json") == budgets.budgeted(FIGURES)


def test_every_budget_belongs_to_a_figure(counted):
    assert budgets.flat(budgets.load()).keys() == budgets.flat(counts.with_budgets(counted)).keys()
