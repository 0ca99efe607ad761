"""The measuring itself: what is paired, left out, read and drawn. Nothing is timed here."""

import xml.dom.minidom
from dataclasses import dataclass

import pytest

from bench import callgrind, chart, columns, counted_rows, goals, h2load, report, requests, rounds
from bench import section, system_calls, wrk
from bench.slots import Slot
from bench.table import printed
from bench.timed_servers import PROXIES, SERVERS

PLAN = {"fast": ("bare", "N=10"), "slow": ("bare",)}


def slot(cpu=1.0, disturbance=0.0):
    return Slot(throughput=1000.0, cpu=cpu, p50=20.0, busy=0.5, disturbance=disturbance, errors=0)


@dataclass
class Clock:
    """A deadline that passes by a second with every slot."""

    seconds: float

    def left(self):
        return self.seconds


def run(measure, number=3, seconds=1000):
    clock, asked = Clock(seconds), []

    def measured(*key):
        clock.seconds -= 1
        asked.append(key)
        return measure(len(asked), key)

    return rounds.run(PLAN, number, measured, clock), asked


# ---- Rounds ------------------------------------------------------------------------------------


def test_every_other_round_goes_backwards():
    _, asked = run(lambda *_: slot(), number=2)
    assert asked[3:] == asked[:3][::-1]


def test_a_disturbed_slot_is_measured_again_and_the_calmest_kept():
    results, asked = run(lambda count, _: slot(cpu=count, disturbance=(0.3, 0.2, 0.0)[min(count, 3) - 1]),
                         number=1)
    assert asked[:3] == [("fast", "bare")] * 3
    assert results.rounds[0]["fast", "bare"].cpu == 3
    assert results.repeated == 2


def test_a_slot_that_stays_disturbed_is_given_up():
    _, asked = run(lambda *_: slot(disturbance=0.5), number=1)
    assert len(asked) == rounds.TRIES * 3


def test_repeats_take_no_time_from_later_rounds():
    results, asked = run(lambda *_: slot(disturbance=0.5), number=3, seconds=9)
    assert (len(results.rounds), len(asked)) == (3, 9)


def test_no_round_begins_that_would_end_too_late():
    results, _ = run(lambda *_: slot(), number=3, seconds=7)
    assert len(results.rounds) == 2


def test_a_slot_without_figures_is_measured_again():
    results, _ = run(lambda count, _: None if count == 1 else slot(), number=1)
    assert results.rounds[0]["fast", "bare"]


# ---- Pairs -------------------------------------------------------------------------------------


def of_rounds(*pairs):
    return rounds.Results([{("fast", "bare"): bare, ("fast", "N=10"): ours} for bare, ours in pairs])


def ratio(*pairs):
    return of_rounds(*pairs).ratio("fast", "N=10", "bare", "cpu")


def test_a_ratio_is_of_slots_of_the_same_round():
    found = ratio((slot(1), slot(2)), (slot(10), slot(30)), (slot(100), slot(400)))
    assert (found.middle, found.least, found.most) == (3, 2, 4)


def test_disturbed_pairs_are_left_out_where_enough_remain():
    calm = [(slot(1), slot(2))] * 3
    found = ratio(*calm, (slot(1), slot(9, disturbance=0.2)))
    assert (found.most, found.pairs, found.disturbed) == (2, 3, False)


def test_disturbed_pairs_are_kept_and_marked_where_too_few_remain():
    found = ratio((slot(1), slot(2)), (slot(1), slot(9, disturbance=0.2)))
    assert (found.most, found.disturbed) == (9, True)


def test_a_round_without_one_of_the_two_is_left_out():
    assert ratio((slot(1), slot(2)), (None, slot(9))).pairs == 1


def test_nothing_is_said_of_what_was_never_measured():
    assert ratio((None, slot(9))) is None
    assert of_rounds().figure("fast", "bare", "cpu") is None


# ---- Reading -----------------------------------------------------------------------------------

WRK = """Running 30s test @ http://127.0.0.1:1/
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   170.42us   85.00us   3.02ms
  Latency Distribution
     50%  {p50}
     75%  178.00us
  54217 requests in {time}, 12.30MB read
{errors}Requests/sec:  77453.14
"""


@pytest.mark.parametrize("p50, microseconds", [("146.00us", 146), ("1.50ms", 1500), ("2.00s", 2e6)])
def test_the_load_says_its_latency_in_any_unit(p50, microseconds):
    assert wrk.parse(WRK.format(p50=p50, time="700.12ms", errors="")).p50 == microseconds


def test_the_load_says_how_long_it_lasted():
    said = wrk.parse(WRK.format(p50="1ms", time="700.12ms", errors=""))
    assert (said.requests, said.seconds, said.errors) == (54217, 0.70012, 0)


def test_errors_that_the_load_saw_are_counted():
    errors = "  Socket errors: connect 1, read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 4\n"
    assert wrk.parse(WRK.format(p50="1ms", time="1.00s", errors=errors)).errors == 10


def test_a_load_cut_short_says_nothing():
    assert wrk.parse("") is None


H2LOAD = """finished in 704.23ms, 4.29 req/s, 2.24MB/s
requests: 3 total, 9 started, 3 done, {good} succeeded, {bad} failed, 0 errored, 0 timeout
status codes: {good} 2xx, 0 3xx, {bad} 4xx, 0 5xx
"""
H2LOAD_LOG = "1795876493027730\t200\t79\n1795876493027731\t200\t20\n1795876493027731\t200\t31\n"



def test_the_load_in_http2_says_its_errors_and_its_latency_in_its_log():
    said = h2load.parse(H2LOAD.format(good=2, bad=1), H2LOAD_LOG, 0.7)
    assert (said.requests, said.seconds, said.p50, said.errors) == (3, 0.7, 31, 1)


def test_a_load_in_http2_without_an_answer_says_nothing():
    assert h2load.parse("requests: 4 total, 4 started, 0 done", "", 0.7) is None


DUMP = """events: Ir
ob=/usr/lib/libc.so.6
fn=memchr
0 30
+0 12
ob=/x/liblastcall.so
fn=lastcall::follow(std::string_view)
0 100
cfn=memchr
calls=2 0
0 999
fn=read
* 7
summary: 149
"""


def test_instructions_are_those_of_a_function_itself(tmp_path):
    (tmp_path / "dump").write_text(DUMP)
    found = callgrind.parse(tmp_path / "dump")
    assert found == {"libc.so.6 memchr": 42, "liblastcall.so follow": 100, "liblastcall.so read": 7}


def test_the_cost_of_a_message_is_the_difference_of_two_lengths():
    found = callgrind.difference({"start": 50, "read": 100}, {"start": 50, "read": 600}, 10)
    assert found == {"read": 50}


TRACE = """socket(AF_INET, SOCK_STREAM) = 3
accept4(3, NULL, NULL, SOCK_CLOEXEC) = 5
read(5, "GET"..., 65536) = 41
write(5, "HTTP"..., 210) = 210
epoll_wait(4, [], 64, -1) = 1
read(5, "GET"..., 65536) = 41
shutdown(5, SHUT_WR) = 0
read(5, "", 65536) = 0
close(5) = 0
close(4) = 0
"""


def test_a_connection_lasts_from_accept_to_close_and_a_request_from_its_read():
    (calls,) = system_calls.connections(TRACE.splitlines())
    assert system_calls.by_request(calls, 41) == [
        ["accept4"], ["read", "write", "epoll_wait"], ["read", "shutdown", "read", "close"]]


# ---- What is measured --------------------------------------------------------------------------


def test_requests_have_the_sizes_in_their_rows_names():
    assert [len(one) for one in (requests.WRK, requests.CURL, requests.BROWSER)] == [41, 79, 453]


def test_every_column_that_is_timed_has_a_bare_one_of_its_server():
    for plan in (columns.FULL, columns.QUICK):
        for names in plan.values():
            assert names[:2] == (columns.BARE, columns.AGAIN)
            assert set(names) <= columns.COLUMNS.keys()


def test_every_proxy_that_is_timed_speaks_the_protocol_of_the_server_behind_it():
    for server, names in columns.FULL.items():
        fronts = {columns.COLUMNS[name].front for name in names} - {None}
        assert {(SERVERS[server].protocol, front) for front in fronts} <= PROXIES.keys()


def test_every_goal_is_of_a_figure_that_is_measured():
    for goal in goals.TIMED:
        pair = goal.figure[2].rpartition(":")[0].split(" / ")
        assert tuple(pair) in columns.AGAINST[goal.figure[1]]
        assert set(pair) <= set(columns.FULL[goal.figure[1]])
    for goal in goals.COUNTED:
        if goal.figure[0] == goals.INSTRUCTIONS:
            assert goal.figure[1] in counted_rows.NAMED


@pytest.mark.parametrize("value, verdict", [(2, "met"), (3, "not met"), (None, "not measured")])
def test_a_goal_is_met_not_met_or_not_measured(value, verdict):
    assert goals.Goal("1", "", (), 2).verdict(value) == verdict


@pytest.mark.parametrize("disturbance, verdict", [(0, "not met"), (0.5, "not judged: disturbed")])
def test_a_goal_is_not_judged_by_a_figure_that_others_had_a_part_in(monkeypatch, disturbance, verdict):
    monkeypatch.setitem(report.AGAINST, "fast", [("N=10", "bare")])
    results, plan = of_rounds((slot(1), slot(9, disturbance=disturbance))), {"fast": ("bare", "N=10")}
    goal = goals.Goal("1", "", (goals.RATIO, "fast", "N=10 / bare: cpu"), 2)
    table = goals.table({goals.RATIO: report.ratios(results, plan)}, [goal],
                        report.disturbed(results, plan))
    assert table.rstrip().endswith(verdict)


# ---- Showing -----------------------------------------------------------------------------------


def test_columns_of_a_table_stand_under_each_other():
    assert printed([["a", "bb"], ["ccc", "d"]]) == "a    bb\nccc   d"


def test_the_table_shows_the_ratio_with_its_spread_and_marks_disturbance():
    results = of_rounds((slot(2), slot(3)), (slot(2), slot(4, disturbance=0.5)))
    assert "1.75 (1.50-2.00)!" in report.table(results, {"fast": ("bare", "N=10")})


def test_the_section_for_the_readme_leaves_blank_what_was_not_measured():
    results = of_rounds((slot(2), slot(3)), (slot(2), slot(4)))
    table = section.table(results, {"fast": ("bare", "N=10")})
    assert "| lastcall, N = 10 | 1.75 (1.50-2.00) |" in table
    assert "| nginx in front, same core |  |" in table


def test_the_picture_is_xml_and_names_and_numbers_every_bar():
    bars = [chart.Bar("lastcall <N>", chart.OURS, 1.02, 0.9, 1.1),
            chart.Bar("a proxy", chart.PROXY, 3.5, 3, 4)]
    drawn = xml.dom.minidom.parseString(chart.drawn("title", "a & b", {"epoll": bars}))
    words = {node.firstChild.data for node in drawn.getElementsByTagName("text")}
    assert {"title", "a & b", "epoll", "lastcall <N>", "1.02", "a proxy", "3.50"} <= words
    kinds = [node.getAttribute("class") for node in drawn.getElementsByTagName("rect")]
    assert kinds == ["page", chart.OURS, chart.PROXY]


def test_the_picture_fits_its_frame():
    bars = [chart.Bar("a proxy", chart.PROXY, 3.5, 3, 400)]
    drawn = xml.dom.minidom.parseString(chart.drawn("title", "", {"epoll": bars}))
    ends = [float(node.getAttribute("x2")) for node in drawn.getElementsByTagName("line")]
    assert max(ends) <= chart.WIDTH - chart.RIGHT
