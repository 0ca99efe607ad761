"""The arithmetic of the experiment: the autoscaler, the measures, the theory, the simulations.

Nothing is started but `lastcall plan`; what runs for real is in test_rebalance_run.py.
"""

import math
import random
import re
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

from rebalance import (__main__ as command_line, arms, clients, expectation, findings, measure, pools,
                       protocols, schedule, simulation, theory)
from rebalance.experiment import Setup
from rebalance.hpa import Autoscaler, wished
from rebalance.told import Close, Record
from rebalance.twin import Twin, own_limit
from support.command_pages import command  # noqa: F401

# ---- The autoscaler ------------------------------------------------------------------------------


@pytest.mark.parametrize("loads, unready, target, expected", [
    ([0.5, 0.5], 0, 0.5, 2),
    ([1.0, 1.0], 0, 0.5, 4),
    ([0.6, 0.6], 0, 0.5, 3),  # ceil(2 x 1.2)
    ([0.55, 0.55], 0, 0.5, 2),  # at the tolerance, not above
    ([0.56, 0.56], 0, 0.5, 3),
    ([0.46, 0.46, 0.46], 0, 0.5, 3),
    ([0.2, 0.2, 0.2, 0.2], 0, 0.5, 2),
    ([1.0, 1.0, 0.0], 0, 0.65, 3),  # two drown, one idles: content
    ([1.0, 1.0], 2, 0.5, 4),  # those not ready count as idle, and then it is enough
    ([1.0, 1.0], 1, 0.5, 4),
    ([0.1, 0.1], 2, 0.5, 1),  # they do not count when the others ask for less
    ([], 2, 0.5, 2),
])
def test_the_wish_is_the_formula_of_kubernetes(loads, unready, target, expected):
    assert wished(loads, unready, target) == expected


def test_it_goes_up_at_once_and_down_to_the_highest_wish_of_the_window():
    scaler = Autoscaler(target=0.5, least=2, most=6, stabilisation=10)
    assert scaler.decide(0, [1.0, 1.0], 0) == 4
    assert scaler.decide(5, [0.4] * 4, 0) == 4
    assert scaler.decide(9, [0.1] * 4, 0) == 4
    assert scaler.decide(16, [0.1] * 4, 0) == 2


def test_it_keeps_its_bounds():
    scaler = Autoscaler(target=0.5, least=2, most=6, stabilisation=0)
    assert scaler.decide(0, [1.0] * 5, 0) == 6
    assert scaler.decide(1, [0.0] * 5, 0) == 2


# ---- The measures --------------------------------------------------------------------------------


@pytest.mark.parametrize("loads, expected", [
    ([5, 5, 5], 1.0), ([1, 0], 0.5), ([1, 0, 0, 0], 0.25), ([2, 1], 0.9), ([0, 0], 1.0)])
def test_jain(loads, expected):
    assert measure.jain(loads) == pytest.approx(expected)


@pytest.mark.parametrize("loads, expected", [([4, 4], 1.0), ([3, 1], 1.5), ([1, 0], 2.0),
                                             ([0, 0], math.inf)])
def test_unevenness(loads, expected):
    assert measure.unevenness(loads) == expected


@pytest.mark.parametrize("values, share, expected", [
    (range(1, 101), 0.5, 50), (range(1, 101), 0.99, 99), ([7], 0.5, 7), ([1, 2], 1.0, 2),
    ([3, 1, 2], 0.5, 2)])
def test_percentile(values, share, expected):
    assert measure.percentile(values, share) == expected


def test_there_is_no_percentile_of_nothing():
    assert math.isnan(measure.percentile([], 0.5))


def test_a_histogram_counts_what_is_inside():
    assert measure.histogram([-0.1, 0, 0.9, 1.0, 2.4, 2.5], 0, 2.5, 1) == [2, 1, 1]


def test_a_peak_is_found_across_the_borders_of_bins():
    assert measure.peak([0.1, 0.8, 0.9, 1.1, 1.2, 3.0], 0, 5, 1) == 4
    assert measure.peak([], 0, 5, 1) == 0


def counts_of(rates):
    """`rates`: instance → [(from, to, requests a second)]"""
    return measure.Counts({name: [begin + (each + 0.5) / rate for begin, end, rate in pieces
                                  for each in range(int((end - begin) * rate))]
                           for name, pieces in rates.items()})


def test_the_time_to_even_is_the_beginning_of_the_first_even_window():
    counts = counts_of({"i1": [(0, 10, 30), (10, 20, 20)], "i2": [(0, 10, 10), (10, 20, 20)]})
    found = measure.time_to_even(counts, ["i1", "i2"], 0, 20, window=5)
    assert 5 < found <= 10
    assert measure.time_to_even(counts, ["i1", "i2"], 0, 10, window=5) is None


def test_a_fair_part_is_relative_to_all():
    counts = counts_of({"i1": [(0, 10, 30)], "i2": [(0, 10, 10)]})
    assert measure.fair_part(counts, ["i2"], ["i1", "i2"], 0, 10) == pytest.approx(0.5)


def test_who_was_never_answered_waited_until_the_end():
    record = Record(left=[4.0])
    record.note(0, "done 1.0 1.0 1.5 1 i1 1 0")
    assert measure.latencies(record, 0, 10, last=10) == [0.5, 6.0]


def test_connections_are_where_their_responses_came_from():
    record = Record()
    for line in ("open 0 1", "open 0 2", "open 0 3", "done 1 1 2 1 i1 1 0", "done 1 1 2 2 i2 1 1",
                 "close 2 2 1 told"):
        record.note(0, line)
    assert measure.connections_at(record, 1.5) == {"i1": 1, "i2": 1}
    assert measure.connections_at(record, 2.5) == {"i1": 1}
    assert record.closed == [Close(2.0, (0, 2), 1, "told")]
    assert measure.lifetimes(record, 0, 9) == [(2.0, 1)]


def test_what_is_held_is_the_mean_over_the_time():
    record = Record()
    for line in ("open -1 1", "open 2 2", "close 6 2 1 told", "open 8 3", "close 1 1 1 fin"):
        record.note(0, line)
    assert measure.held(record, 0, 10) == pytest.approx(0.1 + 0.4 + 0.2)
    assert measure.held(record, 3, 5) == 1


def test_a_connection_that_has_a_successor_had_its_life():
    record = Record()
    for line in ("open -1 1", "close 3 1 6 moved", "open 2 2", "close 4 2 1 reset"):
        record.note(0, line)
    assert measure.lifetimes(record, 0, 9) == [(4.0, 6)]


def test_arrivals_keep_the_rate_and_are_dealt_alike():
    plan = schedule.phases(12, low=5, high=15)
    times = schedule.arrivals(plan)
    assert [sum(phase.begin <= at < phase.end for at in times) for phase in plan] == [10, 90, 20]
    hands = schedule.dealt(times, 3)
    assert sorted(sum(hands, [])) == times and {len(hand) for hand in hands} == {40}


# ---- What the servers count ----------------------------------------------------------------------


def counted(executed, under_way="0"):
    record = Record()
    for line in ("done 1.0 1.0 1.5 1 i1 1 0", "done 2.0 2.0 2.5 1 i1 1 0", f"left 3.0 {under_way}"):
        record.note(0, line)
    return findings.of_counts(SimpleNamespace(record=record, executed=Counter(executed)))


def test_a_request_that_waits_in_the_client_was_not_sent():
    assert counted(["1.0000", "2.0000"])["sent"] == 2
    assert counted(["1.0000", "2.0000"], under_way="1")["sent"] == 3


@pytest.mark.parametrize("executed, says", [
    (["1.0000", "2.0000"], ""),
    (["1.0000", "2.0000", "3.0000"], ""),
    (["1.0000", "2.0000", "2.0000"], "1 requests were executed twice"),
    (["1.0000"], "1 requests were answered that no server executed")])
def test_what_a_client_was_answered_was_executed_once(executed, says):
    assert command_line.miscounted(counted(executed)) == says


def test_servers_that_do_not_count_are_not_judged():
    found = findings.of_counts(SimpleNamespace(record=Record(), executed=None))
    assert found is None and not command_line.miscounted(found)


# ---- Theory, the command and the simulation ------------------------------------------------------


@pytest.mark.parametrize("rps, connections, settle, jitter", [
    (150, 240, 10, 50), (2000, 200, 60, 10), (100, 50, 30, 0), (3, 2, 4, 100)])
def test_the_theory_is_the_commands(command, rps, connections, settle, jitter):  # noqa: F811
    said = command("plan", "--rps", rps, "--connections", connections, "--settle", f"{settle}s",
                   "--jitter", f"{jitter}%").stdout
    requests = int(re.search(r"--requests (\d+)", said)[1])
    longest = requests * connections / rps
    whole = theory.whole_jitter(requests, jitter / 100)
    mean = theory.mean_life(longest, whole)
    assert float(re.search(r"on average +([\d.]+)", said)[1]) == pytest.approx(mean, rel=0.006)
    shares = [int(share) for share in re.findall(r"after [\d.]+ s +(\d+)%", said)]
    assert shares == pytest.approx([100 * theory.renewed(part * longest, longest, whole)
                                    for part in (0.1, 0.25, 0.5, 0.75, 1)], abs=0.51)


LIMITS = [dict(requests=100), dict(requests=100, jitter=0.1), dict(requests=40, jitter=1.0)]


@pytest.mark.parametrize("name, mean_requests", [("n", 6), ("n-jitter", 4.5), ("drain", None)])
def test_a_prediction_is_of_the_rate_that_was_answered(command, setup, name, mean_requests):  # noqa: F811
    setup.command = command.program
    found = expectation.predict(arms.arms(requests=6, jitter=50)[name], setup, 200, 90.0)
    if mean_requests is None:
        assert found is None
    else:
        assert found["reconnects_per_s"] == pytest.approx(90 / mean_requests, rel=0.01)
        assert found["mean_life_s"] == pytest.approx(200 / 90 * mean_requests, rel=0.01)


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_the_simulation_follows_the_closed_form(limits):
    case = simulation.Case(20, 30, 20_000, 0.5, **limits)
    outcome = simulation.simulate(case)
    distance = max(abs(part - theory.renewed(time, case.longest, case.jitter))
                   for time, part in outcome.renewed)
    assert distance < 0.04
    mean = theory.mean_life(case.longest, case.jitter)
    assert outcome.reconnects_per_s == pytest.approx(case.connections / mean, rel=0.05)


def test_an_age_lasts_itself_and_half_an_interval():
    case = simulation.Case(20, 30, 20_000, 2.0, age=30.0)
    found = simulation.simulate(case).reconnects_per_s
    assert found == pytest.approx(case.connections / 31, rel=0.03)


def test_a_slice_is_like_the_whole():
    whole = simulation.Case(40, 60, 20_000, 0.5, requests=50, jitter=0.2)
    one, parts = simulation.slice_of(whole, sample=5_000)
    assert (one.before, one.after, one.connections, parts) == (10, 15, 5_000, 4)
    full = simulation.simulate(whole, sample=20_000)
    part = simulation.simulate(whole, sample=5_000)
    assert part.reconnects_per_s == pytest.approx(full.reconnects_per_s, rel=0.1)


def test_the_busiest_is_expected_where_dice_put_it():
    dice, seen = random.Random(1), []
    for _ in range(40):
        held = [0] * 50
        for _ in range(5_000):
            held[dice.randrange(50)] += 1
        seen.append(max(held))
    assert simulation.busiest([100] * 50, 1) == pytest.approx(sum(seen) / len(seen), rel=0.03)
    assert simulation.busiest([100] * 10, 5) == simulation.busiest([100] * 50, 1)


def test_a_few_connections_for_each_are_never_even():
    case = simulation.Case(100, 150, 1_000, 0.5, requests=20)
    assert simulation.simulate(case).even_after is None


def test_jitter_takes_the_peak_of_those_opened_together():
    plain = simulation.simulate(simulation.Case(10, 15, 5_000, 0.5, requests=50, together=True))
    spread = simulation.simulate(simulation.Case(10, 15, 5_000, 0.5, requests=50, jitter=0.5,
                                                 together=True))
    assert plain.peak_per_s == 5_000
    assert spread.peak_per_s < 1_000


def test_a_rate_is_kept_by_each_instance():
    case = simulation.Case(10, 15, 5_000, 0.5, requests=50, rate=10, together=True)
    assert simulation.simulate(case).peak_per_s <= 2 * 10 * case.after


def test_a_simulation_repeats_itself():
    case = simulation.Case(10, 15, 2_000, 0.5, requests=50, jitter=0.5)
    assert simulation.simulate(case) == simulation.simulate(case)


# ---- The twin ------------------------------------------------------------------------------------


@pytest.fixture
def setup():
    return Setup(kind=None, balancer=None, clients=["pool", "pool"], arms=[], library=None,
                 command=None, root=None, seconds=40.0, plan=schedule.phases(40, 50, 150),
                 connections=80)


@pytest.fixture(params=protocols.ALL)
def either(request, setup):
    """The same load by either protocol."""
    return replace(setup, protocol=protocols.ALL[request.param])


def twin(setup, name, seed=1):
    return Twin(setup, arms.arms(age=8 / 3)[name], None, seed).run()


def test_left_alone_the_new_instances_get_nothing(either):
    found = twin(either, "bare")
    assert len(found.instances) > 2 and not found.record.closed
    assert {done.instance for done in found.record.done} == {"i1", "i2"}


@pytest.mark.parametrize("name", ["n", "n-jitter", "age-jitter"])
def test_under_a_limit_they_get_their_share_and_all_is_answered(either, name):
    found = twin(either, name)
    assert {done.instance for done in found.record.done} == {f"i{each}" for each in range(1, 7)}
    assert len(found.record.done) == len(schedule.arrivals(either.plan))
    assert not any(each.cut_off for each in found.instances)


def test_n_requests_are_a_life_except_in_a_drain(setup):
    found = twin(setup, "n")
    first_drain = min(each.left_at for each in found.instances if each.left_at)
    assert {close.requests for close in found.record.closed if close.at < first_drain} == {6}


def test_what_is_in_flight_comes_on_top_on_a_shared_connection(setup):
    found = twin(replace(setup, protocol=protocols.H2), "n")
    first_drain = min(each.left_at for each in found.instances if each.left_at)
    lives = {close.requests for close in found.record.closed if close.at < first_drain}
    assert lives == {6, 6 + protocols.H2.at_once - 1}


def test_a_channel_has_a_few_requests_out_and_one_connection(setup):
    opened, channel = [], pools.Channel(iter("ab"), 2)

    def connection(_):
        opened.append(object())
        return opened[-1]

    first = channel.take(connection)
    assert channel.take(connection) is first and channel.take(connection) is None
    channel.answered(first)
    channel.told(first, connection)
    second = channel.take(connection)
    assert second is opened[1] and channel.take(connection) is None
    channel.answered(first)  # it was in flight when its connection was told
    channel.told(first, connection)
    assert channel.take(connection) is second


def test_the_twins_clients_have_all_requests_and_connections(either):
    made = list(pools.of(either, clients.sizes(either.connections, 2)))
    assert sorted(due for _, dues in made for due in dues) == schedule.arrivals(either.plan)
    assert len(made) == (either.connections if either.protocol.shared else 2)


def test_the_twin_repeats_itself(setup):
    assert twin(setup, "n-jitter").record == twin(setup, "n-jitter").record
    assert twin(setup, "n-jitter").record != twin(setup, "n-jitter", seed=2).record


def test_a_limit_is_drawn_as_the_library_draws():
    arm = arms.arms(requests=6, jitter=50)["n-jitter"]
    dice = random.Random(1)
    assert {own_limit(arm, dice.random()) for _ in range(200)} == {3, 4, 5, 6}
    assert own_limit(arm, 0.0) == 6 and own_limit(arm, 0.999999) == 3
