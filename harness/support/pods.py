"""Pods of rendered YAML, carried out on this machine: volumes, users, capabilities, environment, process 1,
the preStop hook and the sidecar are those of the YAML, in namespaces.

Knows what a container runtime gives to a container that asks for nothing. Refuses to know what is in
the YAML beyond that, and who rendered it.
"""

import functools
import importlib.machinery
import importlib.util
import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest
import yaml

from conftest import REPOSITORY
from support.process import Process, environment

DEPLOY = REPOSITORY / "deploy" / "kubernetes"
INJECT = DEPLOY / "inject" / "lastcall-inject"
SIDECAR = "lastcall-metrics"
OURS = 65532  # the user of our image, by its Dockerfile

# What containerd and CRI-O give to a container that asks for nothing.
GIVEN = ("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
         "net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap")


# ---- Rendering ---------------------------------------------------------------------------------


def kustomize(folder):
    """What kubectl makes of a folder: the finished process."""
    if not shutil.which("kubectl"):
        pytest.skip("install kubernetes-client to render the files")
    return subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, timeout=60,
                          env=environment({}))


@functools.cache
def minor():
    """Of kubectl's version."""
    done = subprocess.run(["kubectl", "version", "--client", "-o", "yaml"], capture_output=True, text=True,
                          timeout=60, env=environment({}))
    return int(yaml.safe_load(done.stdout)["clientVersion"]["minor"].rstrip("+"))


def with_component(folder, text, *components):
    """The objects of a text as the component leaves them: the finished process."""
    if shutil.which("kubectl") and minor() < 27:
        pytest.skip(f"kubectl 1.{minor()} knows no components: 1.27 does")
    shutil.copytree(DEPLOY, folder / "deploy", dirs_exist_ok=True)
    overlay = folder / "deploy" / "overlay"
    overlay.mkdir(exist_ok=True)
    (overlay / "objects.yaml").write_text(text)
    paths = [f"../{name}" for name in components or ("component",)]
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["objects.yaml"],
                                                                "components": paths}))
    return kustomize(overlay)


@functools.cache
def injecting():
    """The post-renderer as a module: a process for each call would take a tenth of a second."""
    loader = importlib.machinery.SourceFileLoader("lastcall_inject", str(INJECT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module


def inject(text, *words):
    """What the post-renderer makes of a text: as a finished process."""
    streams = {"stdin": io.TextIOWrapper(io.BytesIO(text.encode())),
               **{name: io.TextIOWrapper(io.BytesIO(), write_through=True) for name in ("stdout", "stderr")}}
    with ExitStack() as changed:
        for name, value in {**streams, "argv": [INJECT.name, *words]}.items():
            changed.enter_context(mock.patch.object(sys, name, value))
        try:
            status = injecting().main()
        except SystemExit as left:
            status = left.code
    said = {name: streams[name].buffer.getvalue().decode() for name in ("stdout", "stderr")}
    return subprocess.CompletedProcess(words, status, **said)


def objects(text):
    return [found for found in yaml.safe_load_all(text) if found]


# ---- The parts of a pod ------------------------------------------------------------------------


def container(pod, name):
    [found] = [each for key in ("initContainers", "containers") for each in pod.get(key, [])
               if each["name"] == name]
    return found


def mounts(each):
    return {mount["mountPath"]: mount for mount in each["volumeMounts"]}


def variables(each):
    return {entry["name"]: entry["value"] for entry in each.get("env", [])}


@dataclass
class Image:
    """Of the server: what its Dockerfile says."""
    entrypoint: list
    user: int = 0
    variables: dict = field(default_factory=dict)
    folder: Path | None = None  # of its files, besides this machine's programs


def user_of(pod, each, image_user):
    return {**pod.get("securityContext", {}), **each.get("securityContext", {})}.get("runAsUser", image_user)


def as_in(pod, each, user):
    """The words that take from a root of this machine what this container does not have."""
    context = {**pod.get("securityContext", {}), **each.get("securityContext", {})}
    assert user > 0 or not context.get("runAsNonRoot"), "the kubelet does not start it"
    names = [] if "ALL" in context.get("capabilities", {}).get("drop", []) else GIVEN
    kept = ",".join(["-all", *(f"+{name}" for name in names)])
    words = ["setpriv", f"--bounding-set={kept}", "--inh-caps=-all", f"--reuid={user}", f"--regid={user}",
             "--clear-groups"]
    return words + ([] if context.get("allowPrivilegeEscalation", True) else ["--no-new-privs"])


# ---- Carried out -------------------------------------------------------------------------------

# $1: where the roots are made; $2: our build; $3: more folders, as of what is served; $4, $5: the init container's user and
# words; $6, $7: the two volumes. Then what process 1 is to be.
POD = """
set -e
root=$1/server init=$1/init built=$2 more=$3 user=$4 install=$5 library=$6 pages=$7
shift 7
mkdir -p "$root" "$init"
mount -t tmpfs none "$root"
mount -t tmpfs none "$init"
for path in /usr /etc /bin /lib* /sbin /dev $more; do
    if [ -L "$path" ]; then cp -P "$path" "$root"
    elif [ -d "$path" ]; then mkdir -p "$root$path" && mount --bind "$path" "$root$path"; fi
done
mkdir "$root/proc" "$root$library" "$root$pages" "$init/bin" "$init/proc" "$init$library"
mount -t tmpfs -o mode=0777 none "$root$library"
mount -t tmpfs -o mode=0777 none "$root$pages"
mount --bind "$root$library" "$init$library"
mount -t proc none "$root/proc"
mount -t proc none "$init/proc"
cp "$built/lastcall" "$built/liblastcall.so" "$built/liblastcall-go.so" "$init/bin"
mount -o remount,ro "$init"
chroot --userspec="$user:$user" --groups= "$init" $install
mount -o remount,bind,ro "$root$library"
mount -o remount,ro "$root"
exec chroot "$root" env -i "$@"
"""

# $1: where the root is made; $2: the user; $3: the command's folder; $4: the volume, as the pod
# has it; $5: where it is mounted. Then what the container runs.
SIDE = """
set -e
root=$1/sidecar user=$2 built=$3 volume=$4 pages=$5
shift 5
mkdir -p "$root"
mount -t tmpfs none "$root"
mkdir "$root/bin" "$root/proc" "$root$pages"
mount --bind "$volume" "$root$pages"
mount -o remount,bind,ro "$root$pages"
mount -t proc none "$root/proc"
cp "$built/lastcall" "$root/bin"
ip link set lo up
mount -o remount,ro "$root"
exec setpriv --bounding-set=-all,+sys_chroot,+setuid,+setgid --inh-caps=-all \
    chroot --userspec="$user:$user" --groups= "$root" "$@"
"""

SCRAPE = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=20) as response:
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    sys.stdout.write(response.read().decode())
"""


class Running:
    """A pod's server: its process 1 as seen from here, its port, its hook and its sidecar."""

    def __init__(self, pod, image, name, built, place, folder):
        self.pod, self.image, self.built, self.folder = pod, image, built, folder
        self.server = container(pod, name)
        self.user = user_of(pod, self.server, image.user)
        init = container(pod, "lastcall")
        [library] = mounts(init)
        self.pages = variables(self.server)["LASTCALL_STATUS"]
        self.stands_for = {"8080": str(place.port), "/usr/share": str(place.www)}
        more = " ".join(map(str, filter(None, [place.www, image.folder])))
        words = [str(folder), str(built), more, str(user_of(pod, init, OURS)),
                 shlex.join(init["command"]), library, self.pages, *self.environment(),
                 *as_in(pod, self.server, self.user), *self.words()]
        unshare = ["unshare", "-m", "-p", "-f", "--propagation", "private", "--kill-child"]
        self.process = Process([*unshare, "sh", "-c", POD, "sh", *words], environment({}), place)
        self.process.wait_ready([place.port])
        [self.first] = children(self.process.popen.pid)

    def environment(self):
        given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **self.image.variables, **variables(self.server)}
        return [f"{name}={self.stands_for.get(text, text)}" for name, text in given.items()]

    def words(self):
        """As the kubelet has it: a command in the pod is instead of the image's."""
        words = [*self.server.get("command", self.image.entrypoint), *self.server.get("args", [])]
        return [self.stands_for.get(word, word) for word in words]

    def stop(self):
        """Through process 1, with which all others go: unshare itself takes no SIGTERM."""
        try:
            os.kill(int(self.first), signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.stop()

    def enter(self, *words):
        return ["nsenter", "-t", self.first, "-m", "-p", "-r", "env", "-i", *self.environment(),
                *as_in(self.pod, self.server, self.user), *words]

    def hook(self):
        """The preStop hook, begun."""
        return subprocess.Popen(self.enter(*self.server["lifecycle"]["preStop"]["exec"]["command"]),
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def loaded(self):
        """The names of the libraries that the server's processes have mapped."""
        found = set()
        for pid in [self.first, *descendants(self.first)]:
            maps = Path(f"/proc/{pid}/maps").read_text()
            found |= {Path(line.split()[-1]).name for line in maps.splitlines() if ".so" in line}
        return found

    @contextmanager
    def sidecar(self):
        """Its process 1: with the pod's volume, a network of its own, and none of the pod's processes."""
        side = container(self.pod, SIDECAR)
        words = [str(self.folder), str(user_of(self.pod, side, OURS)), str(self.built),
                 f"{self.folder}/server{self.pages}", side["command"][2], *side["command"]]
        unshare = ["unshare", "-m", "-p", "-n", "-f", "--propagation", "private", "--kill-child"]
        with subprocess.Popen(["nsenter", "-t", self.first, "-m", *unshare, "sh", "-c", SIDE, "sh", *words],
                              stdout=subprocess.PIPE, text=True, env=environment({})) as process:
            assert "/metrics is served" in process.stdout.readline()
            [inner] = children(process.pid)
            try:
                yield inner
            finally:
                os.kill(int(inner), signal.SIGTERM)
                assert process.wait(20) == 0

    def scraped(self, inner):
        """What the sidecar answers, in its own network."""
        [port] = container(self.pod, SIDECAR)["ports"]
        done = subprocess.run(["nsenter", "-t", inner, "-n", sys.executable, "-c", SCRAPE,
                               f"http://127.0.0.1:{port['containerPort']}/metrics"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def descendants(pid):
    found = children(pid)
    return found + [below for each in found for below in descendants(each)]
