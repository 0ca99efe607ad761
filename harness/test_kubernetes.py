"""deploy/kubernetes: the YAML renders, fits the schemas, and does what it says when it is carried out.

Knows the names of its files and containers; all else is read from what kubectl renders. A pod is
played with namespaces: volumes, users, process 1 and the environment are those of the YAML.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from client import Client
from command_pages import command, in_namespaces  # noqa: F401
from messages import get
from process import Process, environment

REPOSITORY = Path(__file__).resolve().parent.parent
DEPLOY = REPOSITORY / "deploy" / "kubernetes"
SIDECAR = "lastcall-metrics"
SCHEMAS = REPOSITORY / "harness" / "kubernetes"

# Packages are fetched once, on one worker, and the type checker takes its time.
pytestmark = [pytest.mark.xdist_group("kubernetes"), pytest.mark.timeout(600)]


def rendered(folder):
    """What kubectl makes of a folder, as text."""
    if not shutil.which("kubectl"):
        pytest.skip("install kubernetes-client to render the files")
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True,
                          timeout=60, env=environment({}))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def validate(library):
    """validate(yaml): its objects, and what schemas and types have against them."""
    if not shutil.which("npm"):
        pytest.skip("install npm for the schemas of Kubernetes")
    folder = library.parent / "kubernetes"
    folder.mkdir(exist_ok=True)
    lock = (SCHEMAS / "package-lock.json").read_text()
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SCHEMAS / name, folder)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                              cwd=folder, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"npm cannot fetch the schemas: {done.stderr[-300:]}")
        stamp.write_text(lock)
    shutil.copy(SCHEMAS / "validate.mjs", folder)

    def run(text):
        done = subprocess.run(["node", "validate.mjs"], input=text, cwd=folder, timeout=200,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        return told["objects"], told["errors"]
    return run


@pytest.fixture(scope="module")
def patched(validate):
    return validate(rendered(DEPLOY / "patch"))


@pytest.fixture(scope="module")
def pod(patched):
    [deployment] = [found for found in patched[0] if found["kind"] == "Deployment"]
    return deployment["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def annotations(patched):
    [deployment] = [found for found in patched[0] if found["kind"] == "Deployment"]
    return deployment["spec"]["template"]["metadata"]["annotations"]


def server_of(pod):
    [server] = [found for found in pod["containers"] if found["name"] != SIDECAR]
    return server


def sidecar_of(pod):
    [sidecar] = [found for found in pod["containers"] if found["name"] == SIDECAR]
    return sidecar


# ---- The files ---------------------------------------------------------------------------------


def test_every_object_fits_its_schema(patched):
    objects, errors = patched
    assert not errors
    assert {found["kind"] for found in objects} == {"Deployment", "Service",
                                                    "HorizontalPodAutoscaler"}


def test_the_schemas_find_what_is_wrong(validate):
    text = rendered(DEPLOY / "patch").replace("preStop:", "prestop:").replace('"1000"', "1000")
    _, errors = validate(text)
    assert any("prestop" in error for error in errors)
    assert any("must be string" in error for error in errors)


def with_component(tmp_path, rename=lambda text: text):
    if not shutil.which("kubectl"):
        pytest.skip("install kubernetes-client to render the files")
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    for file in (tmp_path / "deploy" / "example").iterdir():
        file.write_text(rename(file.read_text()))
    overlay = tmp_path / "deploy" / "overlay"
    overlay.mkdir()
    (overlay / "kustomization.yaml").write_text(
        "resources: [../example]\ncomponents: [../component]\n")
    done = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True,
                          text=True, timeout=60)
    version = json.loads(done.stdout)["clientVersion"]
    if int(re.match(r"\d+", version["minor"])[0]) < 27:
        pytest.skip(f"kubectl {version['gitVersion']} knows no components: 1.27 does")
    return rendered(overlay)


def test_the_component_does_the_same_as_the_patch(tmp_path):
    """In whichever order: the place of a new container is the tool's to choose in a merge."""
    assert sorted(with_component(tmp_path).splitlines()) == sorted(
        rendered(DEPLOY / "patch").splitlines())


def test_the_component_asks_for_no_names(tmp_path):
    def rename(text):
        return re.sub(r"\bserver\b", "main", re.sub(r"\bweb\b", "shop", text))
    theirs = rendered(DEPLOY / "patch")
    assert sorted(with_component(tmp_path, rename).splitlines()) == sorted(
        rename(theirs.replace("http.server", "http.main")).splitlines())


# ---- What the names lead to --------------------------------------------------------------------


def mounts(container):
    return {mount["mountPath"]: mount for mount in container["volumeMounts"]}


def variables(container):
    return {entry["name"]: entry["value"] for entry in container["env"]}


def test_the_environment_is_what_the_library_reads(pod, command):
    server = server_of(pod)
    given = variables(server)
    known = set(re.findall(r'"(LASTCALL[A-Z_]*)"',
                           (REPOSITORY / "src" / "preload" / "settings.cpp").read_text()))
    assert "LASTCALL_REQUESTS" in known
    assert set(given) - {"LD_PRELOAD"} <= known
    values = {name: text for name, text in given.items() if name not in ("LD_PRELOAD",
                                                                        "LASTCALL_STATUS")}
    done = command("run", "--status", "off", "true", extra=values)
    assert done.returncode == 0, done.stderr


def test_the_paths_lead_into_the_volumes(pod):
    [init], server = pod["initContainers"], server_of(pod)
    program, *words = init["command"]
    assert words[0] == "install" and list(mounts(init)) == words[1:]
    assert f" {program}\n" in (DEPLOY / "Dockerfile").read_text()
    [folder] = words[1:]
    given = variables(server)
    assert given["LD_PRELOAD"] == f"{folder}/liblastcall.so"
    assert server["lifecycle"]["preStop"]["exec"]["command"][0] == f"{folder}/lastcall"
    assert mounts(server)[folder]["readOnly"]
    assert mounts(server)[folder]["name"] == mounts(init)[folder]["name"]
    pages = mounts(server)[given["LASTCALL_STATUS"]]
    volumes = {volume["name"]: volume["emptyDir"] for volume in pod["volumes"]}
    assert "readOnly" not in pages and volumes[pages["name"]]["medium"] == "Memory"


def test_the_annotations_lead_to_the_sidecar(pod, annotations):
    sidecar = sidecar_of(pod)
    [port] = sidecar["ports"]
    words = sidecar["command"]
    assert annotations["prometheus.io/scrape"] == "true"
    assert annotations["prometheus.io/path"] == "/metrics"
    assert annotations["prometheus.io/port"] == str(port["containerPort"])
    assert words[words.index("--listen") + 1] == str(port["containerPort"])
    names = [named["name"] for container in pod["containers"] for named in container["ports"]]
    assert len(names) == len(set(names))


def test_the_sidecar_reads_the_pages_of_the_server_as_its_user(pod):
    [init], server, sidecar = pod["initContainers"], server_of(pod), sidecar_of(pod)
    folder = variables(server)["LASTCALL_STATUS"]
    program, subcommand, operand = sidecar["command"][:3]
    assert (subcommand, operand) == ("status", folder)
    assert sidecar["image"] == init["image"] and program == init["command"][0]
    assert mounts(sidecar)[folder] == {**mounts(server)[folder], "readOnly": True}
    users = [{**pod["securityContext"], **container.get("securityContext", {})}["runAsUser"]
             for container in (server, sidecar)]
    assert users[0] == users[1]


def test_every_container_asks_for_processor_time(pod):
    """Else the autoscaler has no share of it to compute."""
    assert all(container["resources"]["requests"]["cpu"] for container in pod["containers"])


def test_the_pod_is_given_longer_than_it_drains(pod):
    server = server_of(pod)
    words = server["lifecycle"]["preStop"]["exec"]["command"]
    over, within = (int(words[words.index(option) + 1].removesuffix("s"))
                    for option in ("--over", "--within"))
    assert "--wait" in words and over < within
    assert pod["terminationGracePeriodSeconds"] >= within + 20


def test_nothing_runs_as_root_or_writes_to_its_image(pod):
    for container in pod["initContainers"] + pod["containers"]:
        context = {**pod["securityContext"], **container["securityContext"]}
        assert context["runAsNonRoot"] and context["runAsUser"] > 0
        assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}


# ---- Carried out -------------------------------------------------------------------------------

# $1: where the roots are made; $2, $3: users; $4: the command's folder; $5, $6: volumes; $7: the init
# container's words; $8: what is served. Then what process 1 is to be.
POD = """
set -e
root=$1/server init=$1/init user=$2 init_user=$3 built=$4 library=$5 pages=$6 install=$7 www=$8
shift 8
mkdir -p "$root" "$init"
mount -t tmpfs none "$root"
mount -t tmpfs none "$init"
for path in /usr /etc /bin /lib* /dev "$www"; do
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
chroot --userspec="$init_user:$init_user" --groups= "$init" $install
mount -o remount,bind,ro "$root$library"
mount -o remount,ro "$root"
exec chroot --userspec="$user:$user" --groups= "$root" env -i "$@"
"""


def server_words(pod, place):
    """The example's command, on a port and a folder of ours."""
    ours = {"8080": str(place.port), "/usr/share": str(place.www)}
    return [ours.get(word, word) for word in server_of(pod)["command"]]


@pytest.fixture
def running_pod(pod, library, stable, tmp_path):
    """running_pod(wrap): process 1's pid, and its server's process; wrap(words) is what is run."""
    unshare = in_namespaces("-m", "-p", "-f", "--propagation", "private", "--kill-child")
    started = []

    def start(wrap):
        place = stable.place()
        [init], server = pod["initContainers"], server_of(pod)
        given = [f"{name}={text}" for name, text in variables(server).items()]
        [folder] = mounts(init)
        words = [str(tmp_path), str(pod["securityContext"]["runAsUser"]),
                 str(init["securityContext"]["runAsUser"]), str(library.parent), folder,
                 variables(server)["LASTCALL_STATUS"], shlex.join(init["command"]),
                 str(place.www), "PATH=/usr/bin:/bin", *given, *wrap(server_words(pod, place))]
        process = Process([*unshare, "sh", "-c", POD, "sh", *words], environment({}), place)
        started.append(process)
        process.wait_ready([place.port])
        parent = process.popen.pid
        [first] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return first, process
    yield start
    for process in started:
        process.stop()


def behind_a_shell(words):
    return ["sh", "-c", shlex.join(words) + "; true"]


@pytest.mark.parametrize("wrap", [list, behind_a_shell])
def test_a_pod_drains_before_it_stops(pod, running_pod, wrap):
    first, process = running_pod(wrap)
    server = server_of(pod)
    user = str(pod["securityContext"]["runAsUser"])
    enter = ["nsenter", "-t", first, "-m", "-p", "-r", "-S", user, "-G", user]
    hook = [*enter, *server["lifecycle"]["preStop"]["exec"]["command"]]
    with Client(process.port) as client:
        assert client.exchange(get("/small.txt")).persists
        with subprocess.Popen(hook, stdout=subprocess.PIPE, text=True) as stopping:
            while client.exchange(get("/small.txt")).persists:
                pass  # bounded by the client's patience
            assert client.ending() == "FIN"
            assert stopping.wait(30) == 0
            assert "no connection is open" in stopping.stdout.read()


# $1: where the roots are made; $2: the user; $3: the command's folder; $4: the volume, as the pod
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
exec chroot --userspec="$user:$user" --groups= "$root" "$@"
"""

SCRAPE = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=20) as response:
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    sys.stdout.write(response.read().decode())
"""


@contextmanager
def running_sidecar(pod, first, built, tmp_path):
    """Its process 1, as seen from here: with the pod's volume, and none of the pod's processes."""
    server, sidecar = server_of(pod), sidecar_of(pod)
    pages = sidecar["command"][2]
    [volume] = [path for path, mount in mounts(server).items()
                if mount["name"] == mounts(sidecar)[pages]["name"]]
    words = [str(tmp_path), str(pod["securityContext"]["runAsUser"]), str(built),
             f"{tmp_path}/server{volume}", pages, *sidecar["command"]]
    unshare = ["unshare", "-m", "-p", "-n", "-f", "--propagation", "private", "--kill-child"]
    with subprocess.Popen(["nsenter", "-t", first, "-m", *unshare, "sh", "-c",
                           SIDE, "sh", *words],
                          stdout=subprocess.PIPE, text=True, env=environment({})) as process:
        assert "/metrics is served" in process.stdout.readline()
        [inner] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        try:
            yield inner
        finally:
            os.kill(int(inner), signal.SIGTERM)
            assert process.wait(20) == 0


def test_the_sidecar_is_scraped(pod, annotations, running_pod, library, tmp_path):
    first, process = running_pod(list)
    port, path = (annotations[f"prometheus.io/{name}"] for name in ("port", "path"))
    with Client(process.port) as client:
        for _ in range(3):
            assert client.exchange(get("/small.txt")).persists
        with running_sidecar(pod, first, library.parent, tmp_path) as inner:
            done = subprocess.run(["nsenter", "-t", inner, "-n", sys.executable, "-c", SCRAPE,
                                   f"http://127.0.0.1:{port}{path}"],
                                  capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    given = variables(server_of(pod))
    numbers = dict(re.findall(r"^(lastcall_\w+){[^}]*} (\S+)$", done.stdout, re.M))
    assert numbers["lastcall_limit_requests"] == given["LASTCALL_REQUESTS"]
    assert int(numbers["lastcall_connections_open"]) >= 1
    assert 'pid="1",' in done.stdout and "lastcall_workers" not in done.stdout
    if promtool := shutil.which("promtool"):
        checked = subprocess.run([promtool, "check", "metrics"], input=done.stdout, timeout=60,
                                 capture_output=True, text=True)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
