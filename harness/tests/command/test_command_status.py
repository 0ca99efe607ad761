"""lastcall status: finds pages wherever they lie, says who lives, in three forms.

The pages are made by hand; the servers' own are another file's matter.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.command_pages import Page, command, in_namespaces, page, secluded, start_of  # noqa: F401


def servers(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["servers"]


def all_servers(command):
    """The exit status may speak of a page of somebody else."""
    return json.loads(command("status", "--json").stdout)["servers"]


def test_a_server_is_shown_with_its_limits_and_numbers(command, page):
    page.set(requests=50, age=90_000, jitter=10, rate=5)
    page.count(open=3, connections=12, exchanges=100, last_age=4, opaque={"upgrade": 2})
    shown = command("status", page.pid)
    assert shown.returncode == 0, shown.stderr
    for part in ["requests=50 age=90s jitter=10% rate=5/s", "3 open, 12 so far",
                 "by age 4", "an upgrade (101)", str(page.path)]:
        assert part in shown.stdout


def test_without_a_pid_all_servers_are_shown_once(command, page, tmp_path):
    with Page(tmp_path) as other:
        other.fill()
        with Page(tmp_path, page.path):  # a worker of the first
            paths = [server["page"] for server in all_servers(command)]
    assert paths.count(str(page.path)) == 1 and paths.count(str(other.path)) == 1


def test_one_page_that_cannot_be_read_is_told_by_the_exit_status(command, secluded, tmp_path):
    assert command("status", wrap=secluded).stdout.startswith("No server with a status page")
    with Page(tmp_path, wrap=secluded) as good, Page(tmp_path, wrap=secluded) as spoiled:
        good.fill(), spoiled.fill()
        shown = servers(command("status", "--json", wrap=secluded))
        assert {server["page"] for server in shown} == {str(good.path), str(spoiled.path)}
        spoiled.put("I", 32, 0)  # not ready
        done = command("status", "--json", wrap=secluded)
    assert done.returncode == 1 and str(spoiled.path) in done.stderr
    [unread] = [server["page"] for server in json.loads(done.stdout)["servers"]
                if "error" in server]
    assert unread == str(spoiled.path)


def test_the_pid_of_a_worker_is_as_good(command, page, tmp_path):
    with Page(tmp_path, page.path) as worker:
        page.worker(1, worker.pid, worker.start, open=2)
        [server] = servers(command("status", worker.pid, "--json"))
    assert server["pid"] == page.pid and server["open"] == 2


def test_a_killed_worker_counts_but_has_no_open_connections(command, page, tmp_path):
    with Page(tmp_path, page.path) as worker:
        page.worker(1, worker.pid, worker.start, open=7, exchanges=40)
        worker.end()
    [server] = servers(command("status", page.pid, "--json"))
    assert server["open"] == 0 and server["exchanges"] == 40 and server["workers"] == []


def test_a_worker_whose_pid_came_again_is_gone(command, page):
    page.worker(1, page.pid, page.start - 1, open=7)
    [server] = servers(command("status", page.pid, "--json"))
    assert server["open"] == 0


def test_a_worker_whose_start_is_not_known_is_known_by_its_pid(command, page):
    page.worker(1, page.pid, 0, open=7)
    [server] = servers(command("status", page.pid, "--json"))
    assert server["open"] == 7


def test_a_server_whose_maker_is_gone_is_shown_by_its_worker(command, tmp_path):
    with Page(tmp_path) as maker:
        maker.fill()
        with Page(tmp_path, maker.path) as worker:
            maker.worker(0, worker.pid, worker.start, open=1)
            maker.end()
            [server] = servers(command("status", worker.pid, "--json"))
    assert server["pid"] == worker.pid and server["open"] == 1


def test_descendants_are_followed(command, page):
    """The test process started the page's."""
    found = servers(command("status", os.getpid(), "--json"))
    assert str(page.path) in [server["page"] for server in found]


def test_stale_pages_of_a_folder_are_shown_as_such(command, page, tmp_path):
    with Page(tmp_path) as gone:
        gone.fill()
    found = servers(command("status", f"{tmp_path}/", "--json"))
    assert {server["page"]: server["stale"] for server in found} == {
        str(gone.path): True, str(page.path): False}
    assert "stale" in command("status", tmp_path).stdout
    assert str(gone.path) not in command("status").stdout


@pytest.mark.parametrize("followed", [{"exchanges": 1}, {"http2": {"connections": 1}}])
def test_a_server_with_nothing_to_do_is_told_in_words(command, page, followed):
    page.count(connections=3, opaque={"tls": 3})
    assert "All its traffic is TLS" in command("status", page.pid).stdout
    page.count(connections=4, **followed)
    assert "All its traffic" not in command("status", page.pid).stdout


HTTP2 = {"connections": 9, "told_requests": 1, "told_age": 2, "told_drain": 4, "finished": 3,
         "left": 2, "sent_on": 1}


def test_http2_is_shown_where_there_is_any(command, page):
    page.count(connections=12)
    assert "HTTP/2" not in command("status", page.pid).stdout
    page.count(http2=HTTP2)
    shown = command("status", page.pid).stdout
    for part in ["9 of the connections", "7  told to go (by requests 1, by age 2, by drain 4)",
                 "2  told, and then closed by the client", "3  told, and then ended",
                 "1  told, with streams opened more than 1 s later"]:
        assert part in shown


def test_http2_in_json_is_apart_from_what_is_left_alone(command, page):
    page.count(http2=HTTP2, opaque={"malformed_frames": 5})
    [server] = servers(command("status", page.pid, "--json"))
    told = {"requests": 1, "age": 2, "drain": 4}
    assert server["http2"] == {"connections": 9, "told": told, "finished": 3, "left": 2, "sent_on": 1}
    assert server["workers"][0]["http2"] == server["http2"]
    assert server["opaque"]["malformed_frames"] == 5 and "http2" not in server["opaque"]


def test_http2_in_metrics_is_there_before_there_is_any(command, page):
    page.count(http2={"told_age": 2})
    text = command("status", page.pid, "--prometheus").stdout
    labels = f'pid="{page.pid}",server="python3'
    for name in ("connections", "left", "finished", "sent_on"):
        assert re.search(rf"^lastcall_http2_{name}_total\{{{labels}[^,]*\}} 0$", text, re.M)
    assert re.search(rf'^lastcall_http2_told_total\{{{labels}.*trigger="age"\}} 2$', text, re.M)


def test_connections_that_are_over_are_told_by_their_exchanges(command, page):
    page.count(ended={0: 1, 30: 4, "more": 2}, ended_exchanges=40_100)
    [server] = servers(command("status", page.pid, "--json"))
    assert server["ended"]["exchanges"] == 40_100
    told = server["ended"]["connections_up_to"]
    assert (told["0"], told["1"], told["30"], told["10000"], told["more"]) == (1, 0, 4, 0, 2)
    text = command("status", page.pid, "--prometheus").stdout
    name = "lastcall_connection_exchanges"
    buckets = dict(re.findall(rf'^{name}_bucket\{{.*,le="(.*)"\}} (\d+)$', text, re.M))
    assert buckets == {"0": "1", "1": "1", "3": "1", "10": "1", "30": "5", "100": "5", "300": "5",
                       "1000": "5", "3000": "5", "10000": "5", "+Inf": "7"}
    assert re.search(rf"^{name}_sum\{{.*\}} 40100$", text, re.M)
    assert re.search(rf"^{name}_count\{{.*\}} 7$", text, re.M)


def test_observing_is_told(command, page):
    page.set(observe=1)
    assert "nothing is closed" in command("status", page.pid).stdout


def test_watching_repaints_as_often_as_asked(command, page):
    shown = command("status", page.pid, "--watch", "--count", 2)
    assert shown.returncode == 0 and shown.stdout.count("limits") == 2


# ---- Prometheus --------------------------------------------------------------------------------


def test_the_prometheus_text_passes_promtool(command, page, tmp_path):
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("install prometheus for promtool")
    page.set(age=1500, jitter=10)
    page.count(open=3, connections=12, opaque={"tls": 2})
    with Page(tmp_path) as other:
        other.fill()
        text = command("status", tmp_path, "--prometheus").stdout
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True,
                             text=True, timeout=60)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert f'lastcall_connections_open{{pid="{page.pid}"' in text
    assert 'lastcall_limit_age_seconds' in text and "} 1.5\n" in text


# ---- Other places ------------------------------------------------------------------------------


def test_a_page_in_a_mount_namespace_of_its_own_is_found(command, tmp_path):
    """A container's /dev/shm: the same path leads elsewhere, or nowhere, from here."""
    wrap = in_namespaces("-m", "--propagation", "private")
    hidden = tmp_path / "shm"
    hidden.mkdir()
    script = 'mount -t tmpfs none "$0" && exec "$@"'
    with Page(hidden, wrap=[*wrap, "sh", "-c", script, str(hidden)]) as inner:
        assert not inner.path.exists()
        there = f"/proc/{inner.pid}/root{inner.path}"
        inner.path = type(inner.path)(there)
        inner.fill()
        inner.count(open=5)
        [server] = servers(command("status", inner.pid, "--json"))
        changed = command("set", inner.pid, "requests=9")
        assert changed.returncode == 0 and inner.word("requests") == 9
    assert server["open"] == 5


def test_a_server_with_a_pid_of_its_own_namespace_is_seen_with_ours(command, tmp_path):
    wrap = in_namespaces("-p", "-f", "--mount-proc")
    with Page(tmp_path, wrap=wrap) as inner:
        assert inner.pid == 1
        inner.fill()
        inner.count(open=5)
        [server] = [s for s in servers(command("status", inner.process.pid, "--json"))
                    if s["page"] == str(inner.path)]
        assert server["pid"] not in (1, inner.process.pid) and server["open"] == 5
        assert start_of(server["pid"]) == inner.start


def test_a_page_whose_name_was_removed_is_still_reached(command, page):
    if os.geteuid() != 0:
        pytest.skip("needs root: the kernel shows mapped files to it alone")
    page.count(open=1)
    page.path.unlink()
    [server] = servers(command("status", page.pid, "--json"))
    assert server["open"] == 1


# Not by Python's mmap, which keeps a descriptor for each.
CROWDED = """
import ctypes, mmap
libc = ctypes.CDLL(None)
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
with open(FILE, "wb") as file:
    file.truncate(mmap.PAGESIZE)
with open(FILE, "rb") as file:
    for _ in range(20000):
        libc.mmap(None, mmap.PAGESIZE, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
"""


def test_a_page_is_found_among_many_mappings(command, tmp_path):
    """In a list of mappings of some 20 MB; the kernel lists the page, mapped first, at its end."""
    deep = tmp_path.joinpath(*["x" * 240] * 4)
    deep.mkdir(parents=True)
    with Page(tmp_path, then=CROWDED.replace("FILE", repr(str(deep / "file")))) as crowded:
        crowded.fill()
        crowded.count(open=5)
        assert Path(f"/proc/{crowded.pid}/maps").read_text().index("lastcall-") > 16 * 2 ** 20
        [server] = servers(command("status", crowded.pid, "--json"))
    assert server["open"] == 5


# ---- None --------------------------------------------------------------------------------------


def test_a_process_without_a_page_is_told_so(command):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        done = command("status", process.pid)
        process.stdin.close()
    assert done.returncode == 1 and "has no status page" in done.stderr


def test_a_process_that_is_not_there_is_told_so(command):
    done = command("status", 2 ** 22 + 1)
    assert done.returncode == 1 and "there is no process" in done.stderr


def test_output_that_cannot_be_written_is_an_error(command, page):
    with open("/dev/full", "w") as full:
        done = subprocess.run([command.program, "status", str(page.pid)], stdout=full, timeout=60,
                              stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"could not be written" in done.stderr
