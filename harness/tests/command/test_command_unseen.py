"""lastcall status DIR where the processes that map its pages cannot be seen, as from a sidecar.

The pages are made by hand, in memory as a pod's are; what cannot see is a command in a pid namespace
of its own, or one without rights.
"""

import json
import os
import shutil
import tempfile

import pytest

from support.command_pages import Page, command, folder_in_memory, in_namespaces  # noqa: F401

OWN_PROCESSES = ["-p", "-f", "--mount-proc", "--kill-child"]


@pytest.fixture
def folder():
    with folder_in_memory() as made:
        yield made


@pytest.fixture
def hidden(folder):
    with Page(folder) as made:
        yield made.fill()


@pytest.fixture
def status(command):
    """status(words...): looked at from where no process of ours is to be seen."""
    wrap = in_namespaces(*OWN_PROCESSES)
    return lambda *words: command("status", *words, wrap=wrap)


def servers(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["servers"]


def test_a_page_in_use_is_shown_though_its_holders_are_not_seen(status, hidden, folder):
    hidden.set(requests=50)
    hidden.count(open=3, connections=12, exchanges=100)
    [server] = servers(status(folder, "--json"))
    assert server["page"] == str(hidden.path) and not server["stale"]
    assert server["holders_visible"] is False and server["workers"] == []
    assert (server["open"], server["connections"], server["exchanges"]) == (3, 12, 100)
    assert server["limits"]["requests"] == 50


def test_its_open_connections_are_of_all_places_and_none_below_zero(status, hidden, folder):
    hidden.count(open=3)
    hidden.worker(1, hidden.pid + 1, hidden.start, open=-7)
    hidden.worker(2, hidden.pid + 2, hidden.start, open=4)
    [server] = servers(status(folder, "--json"))
    assert server["open"] == 7


def test_the_table_says_what_is_not_known(status, hidden, folder):
    hidden.count(open=3, connections=12)
    shown = status(folder).stdout
    assert f"process {hidden.pid} where it runs, which cannot be seen" in shown
    assert "3 open, 12 so far" in shown and "not to be seen from here" in shown


def test_the_metrics_have_all_but_the_live_workers(status, hidden, folder):
    hidden.count(open=3)
    text = status(folder, "--prometheus").stdout
    labels = f'pid="{hidden.pid}",server="{hidden.path.name}"'
    assert f"lastcall_connections_open{{{labels}}} 3\n" in text
    assert "lastcall_workers" not in text


def test_stale_and_unseen_are_told_apart(status, hidden, folder):
    with Page(folder) as gone:
        gone.fill()
    found = {server["page"]: server for server in servers(status(folder, "--json"))}
    assert {path: server["stale"] for path, server in found.items()} == {
        str(gone.path): True, str(hidden.path): False}
    assert gone.path.name not in status(folder, "--prometheus").stdout


def test_holders_that_are_seen_are_said_to_be(command, hidden, folder):
    hidden.count(open=3)
    [server] = servers(command("status", folder, "--json"))
    assert server["holders_visible"] is True and server["pid"] == hidden.pid


def test_holders_that_see_the_folder_elsewhere_are_found(command, hidden, folder):
    """As one volume that two containers mount in two places, with their processes shared."""
    wrap = in_namespaces("-m", "--propagation", "private")
    hidden.count(open=3)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        script = 'mount --bind "$0" "$1" && shift && exec "$@"'
        done = command("status", elsewhere, "--json",
                       wrap=[*wrap, "sh", "-c", script, str(folder), elsewhere])
    [server] = servers(done)
    assert server["holders_visible"] is True and server["pid"] == hidden.pid


def test_a_page_of_somebody_else_is_told_not_passed_over(command, hidden, folder):
    if not shutil.which("setpriv"):
        pytest.skip("install util-linux for setpriv")
    wrap = [*in_namespaces(*OWN_PROCESSES), "setpriv", "--inh-caps=-all", "--bounding-set=-all"]
    os.chown(hidden.path, 12_345, 12_345)
    done = command("status", folder, "--json", wrap=wrap)
    assert done.returncode == 1 and "Permission denied" in done.stderr
    [server] = json.loads(done.stdout)["servers"]
    assert "Permission denied" in server["error"]


def test_a_page_of_which_nothing_can_be_known_is_told_not_passed_over(command, folder, tmp_path):
    """On overlayfs no lease and no lock is proof."""
    with Page(folder) as gone:
        gone.fill()
    script = ('cd "$0" && mkdir l u w m && mount -t overlay none -o lowerdir=l,upperdir=u,workdir=w m'
              ' && cp "$1" m && touch m/lastcall-1-2 && shift && exec "$@"')
    wrap = [*in_namespaces("-m", "--propagation", "private"), "sh", "-c", script, str(folder), str(gone.path)]
    done = command("status", folder / "m", wrap=wrap)
    if "mount:" in done.stderr:
        pytest.skip("no overlayfs here")
    assert done.returncode == 1 and gone.path.name in done.stdout
    assert "does not tell whether others do" in done.stdout and "lastcall-1-2" not in done.stdout
