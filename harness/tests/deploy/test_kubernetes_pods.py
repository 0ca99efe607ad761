"""deploy/kubernetes carried out: whatever the image's user, its preload and its hook, the pod's server closes
its connections when the pod stops, and the metrics are answered beside it.

Knows kinds of images. What is run is read from what is rendered; pods.py plays it.
"""

import glob
import json
import re
import shutil
import subprocess

import pytest
import yaml

from go import building
from support.client import Client
from support.command_pages import command, in_namespaces  # noqa: F401
from support.messages import get
from support.pods import Image, Running, inject, objects, with_component

SERVE = ["python3", "-m", "http.server", "--protocol", "HTTP/1.1", "--directory", "/usr/share", "8080"]
DROPS = {"gosu": ["gosu", "nobody"], "setpriv": ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]}


def manifest(annotations=(), pod=(), **server):
    asks = {"lastcall.dev/inject": "true", **{f"lastcall.dev/{name}": text for name, text in dict(annotations).items()}}
    return yaml.safe_dump({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "annotations": asks},
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {
            "containers": [{"name": "log", "image": "log"}, {"name": "server", "image": "web", **server}],
            **dict(pod)}}}})


def by_inject(text, folder):
    return inject(text.replace("lastcall.dev/inject", "lastcall.dev/container: server\n    lastcall.dev/inject"))


def by_component(text, folder):
    return with_component(folder, text)


@pytest.fixture
def started(library, stable, tmp_path, command):
    """started(render, text, image): the pod's server, running."""
    in_namespaces("-m", "-p", "-n", "-f", "--propagation", "private", "--kill-child")
    running = []

    def start(render, text, image):
        if not shutil.which(image.entrypoint[0], path="/usr/sbin:/usr/bin:/sbin:/bin"):
            pytest.skip(f"install {image.entrypoint[0]}")
        done = render(text, tmp_path)
        assert done.returncode == 0, done.stderr
        [found] = [each for each in objects(done.stdout) if each["kind"] == "Deployment"]
        folder = tmp_path / "pod"
        folder.mkdir()
        running.append(Running(found["spec"]["template"]["spec"], image, "server", library.parent,
                               stable.place(), folder))
        return running[-1]
    yield start
    for each in running:
        each.stop()


@pytest.fixture
def jemalloc():
    found = glob.glob("/usr/lib/*/libjemalloc.so.2")
    if not found:
        pytest.skip("install libjemalloc2")
    return found[0]


def numbers(text):
    return dict(re.findall(r"^(lastcall_\w+){[^}]*} (\S+)$", text, re.M))


def stops(running):
    """The pod is stopped: a client that keeps asking is told, and then the hook ends; what it said."""
    with Client(running.process.port) as client:
        assert client.exchange(get("/small.txt")).persists
        with running.hook() as hook:
            while client.exchange(get("/small.txt")).persists:
                pass  # bounded by the client's patience
            assert client.ending() == "FIN"
            client.socket.close()  # else the server reads away for a while what we might still say
            assert hook.wait(40) == 0
            return hook.stdout.read()


def shows(running):
    """The sidecar sees a connection that is open; what it answers."""
    with Client(running.process.port) as client:
        for _ in range(3):
            assert client.exchange(get("/small.txt")).persists
        with running.sidecar() as inner:
            text = running.scraped(inner)
    found = numbers(text)
    assert int(found["lastcall_connections_open"]) >= 1 and found["lastcall_limit_requests"] == "1000"
    assert 'pid="1",' in text and "lastcall_workers" not in text
    return text


# Of the pod, the container and the image.
KINDS = {
    "as root": ({}, {}, Image(SERVE)),
    "of an image with its own user": ({}, {}, Image(SERVE, user=1000)),
    "with a user of the pod": ({"securityContext": {"runAsUser": 1234, "runAsNonRoot": True}}, {}, Image(SERVE)),
    "with a user of its container alone": (
        {}, {"securityContext": {"runAsUser": 1234, "allowPrivilegeEscalation": False,
                                 "capabilities": {"drop": ["ALL"]}}}, Image(SERVE)),
    **{f"of an image that drops root by {name}": ({}, {}, Image([*drop, *SERVE])) for name, drop in DROPS.items()},
}


# The component differs in nothing that these kinds meet: it is carried out on two of them.
CASES = {**{f"{name}, by the post-renderer": (by_inject, *kind) for name, kind in KINDS.items()},
         **{f"{name}, by the component": (by_component, *KINDS[name]) for name in list(KINDS)[::4]}}


@pytest.mark.parametrize("render, pod, server, image", CASES.values(), ids=CASES)
def test_a_server_drains_before_it_stops_and_its_metrics_are_read(started, render, pod, server, image):
    running = started(render, manifest(pod=pod, **server), image)
    shows(running)
    assert "no connection is open" in stops(running)


def test_the_metrics_pass_promtool(started):
    running = started(by_inject, manifest(), Image(SERVE))
    if not shutil.which("promtool"):
        pytest.skip("install prometheus for promtool")
    checked = subprocess.run(["promtool", "check", "metrics"], input=shows(running), timeout=60,
                             capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_server_behind_a_shell_drains(started):
    """Process 1 is what started it."""
    image = Image(["sh", "-c", '"$@"; true', "sh", *SERVE])
    assert "no connection is open" in stops(started(by_inject, manifest(), image))


@pytest.mark.parametrize("render", [by_inject, by_component])
def test_a_preload_of_the_manifest_is_loaded_behind_ours(started, render, jemalloc):
    running = started(render, manifest(env=[{"name": "LD_PRELOAD", "value": jemalloc}]), Image(SERVE))
    assert {"libjemalloc.so.2", "liblastcall.so"} <= running.loaded()
    stops(running)


@pytest.mark.parametrize("annotations, both", [({}, False), ({"run": json.dumps(SERVE)}, True)])
def test_a_preload_of_the_image_is_lost_but_by_run(started, jemalloc, annotations, both):
    image = Image(SERVE, variables={"LD_PRELOAD": jemalloc})
    running = started(by_inject, manifest(annotations), image)
    found = running.loaded()
    assert "liblastcall.so" in found and ("libjemalloc.so.2" in found) == both
    stops(running)


def test_a_static_go_server_is_followed_by_run(started):
    """In the most restricted container, of an image that has nothing else."""
    if not shutil.which("go"):
        pytest.skip("install golang-go")
    program = building.built("hello", "static")
    image = Image([str(program)], user=1000, folder=program.parent)
    restricted = {"runAsNonRoot": True, "runAsUser": 1000, "allowPrivilegeEscalation": False,
                  "capabilities": {"drop": ["ALL"]}}
    env = [{"name": "PORT", "value": "8080"}, {"name": "WWW", "value": "/usr/share"}]
    running = started(by_inject, manifest({"run": json.dumps(image.entrypoint)}, env=env,
                                          securityContext=restricted), image)
    shows(running)
    stops(running)


def test_a_hook_of_its_own_runs_behind_ours(started):
    theirs = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "echo theirs, by $(id -u)"]}}}
    running = started(by_inject, manifest(lifecycle=theirs), Image(SERVE, user=1000))
    ours, own = stops(running).splitlines()[-2:]
    assert "no connection is open" in ours and own == "theirs, by 1000"


def test_a_hook_without_a_shell_runs_behind_ours_by_the_images(started):
    theirs = {"preStop": {"exec": {"command": ["echo", "two  words", "*"]}}}
    running = started(by_inject, manifest({"pre-stop": "sh"}, lifecycle=theirs), Image(SERVE))
    assert stops(running).splitlines()[-1] == "two  words *"


def test_the_metrics_are_there_while_the_server_drains(started):
    running = started(by_inject, manifest({"drain": "over=1s within=20s"}), Image(SERVE))
    with Client(running.process.port) as client, running.sidecar() as inner:
        assert client.exchange(get("/small.txt")).persists
        with running.hook() as hook:
            found = {}
            while found.get("lastcall_drain_picked_ratio", "0") == "0":  # bounded by the test's time
                found = numbers(running.scraped(inner))
            assert found["lastcall_connections_open"] == "1"
            while client.exchange(get("/small.txt")).persists:
                pass
            client.socket.close()
            assert hook.wait(40) == 0


# musl's loader takes the same list, with the colon that kustomize leaves behind ours.
MUSL = r"""
#include <stdio.h>
#include <string.h>
int main(void) {
    char line[4096];
    FILE* maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) if (strstr(line, "liblastcall.so")) return 0;
    return 1;
}
"""


@pytest.mark.parametrize("compiler", ["gcc", "musl-gcc"])
def test_a_colon_behind_the_last_preload_is_passed_over(library, tmp_path, compiler):
    if not shutil.which(compiler):
        pytest.skip(f"install {compiler}")
    (tmp_path / "program.c").write_text(MUSL)
    subprocess.run([compiler, "-o", tmp_path / "program", tmp_path / "program.c"], check=True, timeout=60)
    done = subprocess.run([tmp_path / "program"], env={"LD_PRELOAD": f"{library}:"}, capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, b"")
