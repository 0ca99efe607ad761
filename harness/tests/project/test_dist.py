"""What make dist leaves: packages that install and go without a trace, the same bytes wherever they
are built, and a command that finds its library wherever it was put.

Knows the packages' names and the tools that judge them. Builds nothing that was not changed, but for the
one claim that is about building.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import tarfile
from pathlib import Path

import pytest

from conftest import REPOSITORY
from support.client import Client
from support.content import make_folder, remove_root
from support.messages import get
from support.process import Ports, environment
from support.shipped import BUILD, RELEASED, SHIPPED, SYSTEMS, VERSION, files, fresh, run
from support.waiting import until

MACHINE = platform.machine()
DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}.get(MACHINE)
QUIET = ["make", "--no-print-directory", "-s"]
# As if typed by somebody: not as a part of the make that may have started the tests.
TYPED = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}


def make(*words, **more):
    return run(*QUIET, *words, env=TYPED, **more)


# ---- make install ------------------------------------------------------------------------------

PLACES = {"as it is": {}, "of Fedora": {"LIBDIR": "{}/lib64/lastcall"},
          "of Debian": {"BINDIR": "{}/sbin", "LIBDIR": "{}/lib/x86_64-linux-gnu"},
          "elsewhere": {"PREFIX": "{}/usr", "LIBDIR": "{}/opt/lastcall"}}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """make, in a copy of what has been built, since other tests use that."""
    own = tmp_path_factory.mktemp("build")
    for name in ("lean", "free", "plain"):
        shutil.copytree(BUILD / name, own / name)
    for name in ("place", "exports.map", *SHIPPED):
        shutil.copy2(BUILD / name, own)
    return lambda *words: make(f"BUILD={own}", *words)


def place_words(places, prefix):
    return [f"{name}={value.format(prefix)}" for name, value in ({"PREFIX": "{}"} | places).items()]


def preloaded(command):
    done = subprocess.run([command, "run", "--status", "off", "env"], capture_output=True, text=True,
                          timeout=60, env=environment({}))
    assert done.returncode == 0, done.stderr
    return re.search(r"^LD_PRELOAD=(.*)$", done.stdout, re.M)[1]


@pytest.mark.xdist_group("dist")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES)
def test_the_command_finds_its_library_wherever_it_was_installed(built, tmp_path, places):
    built("install", "install-debug", *place_words(places, tmp_path))
    [command] = tmp_path.rglob("*bin/lastcall")
    [library] = tmp_path.rglob("liblastcall.so")
    assert preloaded(command) == str(library)
    built("uninstall", *place_words(places, tmp_path))
    assert files(tmp_path) == set()


@pytest.mark.xdist_group("dist")
@pytest.mark.timeout(600)
def test_a_prefix_may_be_moved(built, tmp_path):
    built("install", f"PREFIX={tmp_path}/here")
    (tmp_path / "here").rename(tmp_path / "there")
    assert preloaded(tmp_path / "there/bin/lastcall") == f"{tmp_path}/there/lib/lastcall/liblastcall.so"


@pytest.mark.xdist_group("dist")
@pytest.mark.timeout(600)
def test_what_is_installed_is_stripped_and_its_debug_files_are_found_by_build_id(built, tmp_path):
    built("install", "install-debug", f"PREFIX={tmp_path}")
    debug = tmp_path / "lib/debug/.build-id"
    assert len(files(debug)) == len(SHIPPED)
    for path in [tmp_path / "bin/lastcall", *(tmp_path / "lib/lastcall").iterdir()]:
        assert ".debug_info" not in run("readelf", "-SW", path)
        build_id = re.search(r"Build ID: (\w+)", run("readelf", "-n", path))[1]
        apart = debug / build_id[:2] / f"{build_id[2:]}.debug"
        assert ".debug_info" in run("readelf", "-SW", apart)
        assert build_id in run("readelf", "-n", apart)
    assert (tmp_path / "bin/lastcall").stat().st_size < 6_000_000
    assert (tmp_path / "lib/lastcall/liblastcall.so").stat().st_size < 200_000


@pytest.mark.xdist_group("dist")
@pytest.mark.timeout(600)
def test_the_installed_manual_has_the_version_and_its_day(built, tmp_path):
    built("install", f"PREFIX={tmp_path}")
    title = (tmp_path / "share/man/man1/lastcall.1").read_text().partition("\n.SH")[0]
    assert f'"{RELEASED}" "lastcall {VERSION}"' in title


@pytest.mark.xdist_group("dist")
@pytest.mark.timeout(600)
def test_to_uninstall_nothing_is_silent(built, tmp_path):
    assert built("uninstall", f"PREFIX={tmp_path}/none") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can become somebody who may not read it")
@pytest.mark.parametrize("closed", ["liblastcall.so", "."])
def test_a_library_that_may_not_be_read_is_told_as_such(library, reachable_folder, closed):
    folder = reachable_folder
    (folder / "bin").mkdir(0o755), (folder / "lib/lastcall").mkdir(0o755, parents=True)
    (folder / "bin").chmod(0o755), (folder / "lib").chmod(0o755)
    shutil.copy(library.parent / "lastcall", folder / "bin")
    shutil.copy(library, folder / "lib/lastcall")
    (folder / "lib/lastcall" / closed).chmod(0)
    done = subprocess.run([folder / "bin/lastcall", "run", "true"], capture_output=True, text=True,
                          timeout=60, user=65534, group=65534, extra_groups=[])
    assert done.returncode and "liblastcall.so: Permission denied" in done.stderr


@pytest.fixture
def reachable_folder():
    made = make_folder()
    made.chmod(0o755)
    yield made
    remove_root(made)


# ---- The build ---------------------------------------------------------------------------------


def printed(*words):
    return subprocess.run(["make", "-n", *words], capture_output=True, text=True, timeout=120, cwd=REPOSITORY,
                          env=TYPED)


def test_without_its_compiler_the_package_is_named():
    done = printed("CXX=g++-99")
    assert done.returncode and "apt-get install g++-99" in done.stderr


@pytest.mark.parametrize("words", [("clean",), ("help",), ("uninstall",)])
def test_what_compiles_nothing_needs_no_compiler(words):
    assert printed("CXX=g++-99", *words).returncode == 0


@pytest.mark.parametrize("words, strict", [((), False), (("STRICT=1",), True)])
def test_warnings_are_errors_for_developers_alone(words, strict):
    done = printed("BUILD=build/none", *words)
    assert done.returncode == 0 and ("-Werror" in done.stdout) == strict


def test_lint_is_for_developers():
    done = printed("BUILD=build/none", "lint")
    compiled = [line for line in done.stdout.splitlines() if " -c -o " in line and line.endswith(".cpp")]
    assert compiled and all("-Werror" in line for line in compiled)


@pytest.mark.suites
@pytest.mark.timeout(3600)
def test_two_builds_in_two_folders_are_the_same_bytes(tmp_path):
    """One of a longer name, and minutes later."""
    made = []
    for folder in (tmp_path / "a", tmp_path / "another-name"):
        shutil.copytree(REPOSITORY, folder, symlinks=True,
                        ignore=shutil.ignore_patterns("build", ".git", "__pycache__", ".pytest_cache"))
        make("-j2", "dist", "other=", cwd=folder, timeout=3000)
        made.append(folder / "build/dist")
    sums = [(folder / "SHA256SUMS").read_text() for folder in made]
    assert sums[0] == sums[1] and len(sums[0].splitlines()) >= 7


# ---- make dist ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dist():
    """The folder of packages, made from the build in hand."""
    make("dist", "DIST=build/tested", "other=", timeout=3000)
    return BUILD / "tested"


in_suites = [pytest.mark.suites, pytest.mark.xdist_group("dist"), pytest.mark.timeout(1800)]


class TestDist:
    pytestmark = in_suites

    def test_the_checksums_are_those_of_all_files(self, dist):
        sums = dict(reversed(line.split("  ")) for line in (dist / "SHA256SUMS").read_text().splitlines())
        assert set(sums) == files(dist) - {"SHA256SUMS"}
        assert sums == {name: hashlib.sha256((dist / name).read_bytes()).hexdigest() for name in sums}

    def test_the_tarball_unpacks_to_a_command_that_runs(self, dist, tmp_path):
        name = f"lastcall-{VERSION}-linux-{MACHINE}"
        run("tar", "-xf", dist / f"{name}.tar.gz", "-C", tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [name]
        command = tmp_path / name / "bin/lastcall"
        assert run(command, "--version") == f"lastcall {VERSION}\n"
        assert preloaded(command) == f"{tmp_path}/{name}/lib/lastcall/liblastcall.so"
        assert {path.name for path in (tmp_path / name / "lib/lastcall").iterdir()} == SHIPPED - {"lastcall"}

    def test_gdb_finds_the_debug_files_of_what_is_installed(self, dist, tmp_path):
        for package in dist.glob(f"*_{DEBIAN}.deb"):
            run("dpkg-deb", "-x", package, tmp_path)
        for file, function in {"bin/lastcall": "main", "lib/lastcall/liblastcall.so": "accept4",
                               "lib/lastcall/liblastcall-go.so": "lastcall_go_entry"}.items():
            said = run("gdb", "-nx", "-batch", "-iex", f"set debug-file-directory {tmp_path}/usr/lib/debug",
                       "-ex", f"info line {function}", tmp_path / "usr" / file)
            assert re.search(r'Line \d+ of "', said), said

    def test_lintian_finds_nothing(self, dist):
        said = run("lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0",
                   *dist.glob("*.deb"))
        assert said == ""

    def test_skopeo_and_umoci_accept_the_image(self, dist, tmp_path):
        archive = dist / f"lastcall-{VERSION}-oci-{DEBIAN}.tar"
        told = json.loads(run("skopeo", "inspect", f"oci-archive:{archive}"))
        assert (told["Os"], told["Architecture"]) == ("linux", DEBIAN)
        assert told["Created"].startswith(RELEASED)
        config = json.loads(run("skopeo", "inspect", "--config", f"oci-archive:{archive}"))["config"]
        assert (config["Entrypoint"], config["User"]) == (["/bin/lastcall"], "65532:65532")
        with tarfile.open(archive) as packed:
            packed.extractall(tmp_path / "layout")
        run("umoci", "unpack", "--rootless", "--image", f"{tmp_path}/layout:{VERSION}", tmp_path / "bundle")
        root = tmp_path / "bundle/rootfs"
        assert {path.name for path in (root / "bin").iterdir()} == SHIPPED
        assert "LICENSE" in {path.name for path in (root / "licenses").iterdir()}
        assert files(root) == {str(path.relative_to(root)) for name in ("bin", "licenses")
                               for path in (root / name).iterdir()}
        assert run(root / "bin/lastcall", "--version") == f"lastcall {VERSION}\n"

    def test_rpm_reads_its_package(self, dist, tmp_path):
        [package] = dist.glob("*.rpm")
        asked = ["rpm", "--dbpath", tmp_path, "-qp", package]
        assert run(*asked, "--qf", "%{version} %{arch} %{license}") == f"{VERSION} {MACHINE} MIT"
        assert "/usr/lib/lastcall/liblastcall-go.so" in run(*asked, "-l").split()
        needed = run(*asked, "--requires")
        assert "libc.so.6(GLIBC_2.17)" in needed or "libc.so.6" in needed

    def test_the_bill_of_materials_is_cyclonedx_of_what_is_shipped(self, dist, tmp_path):
        bom = json.loads((dist / f"lastcall-{VERSION}-{MACHINE}.cdx.json").read_text())
        assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.4", 1)
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bom["serialNumber"])
        refs = [part["bom-ref"] for part in bom["components"]]
        assert len(set(refs)) == len(refs)
        known = {*refs, bom["metadata"]["component"]["bom-ref"]}
        assert {line["ref"] for line in bom["dependencies"]} == known
        assert all(set(line["dependsOn"]) <= known for line in bom["dependencies"])
        run("tar", "-xf", dist / f"lastcall-{VERSION}-linux-{MACHINE}.tar.gz", "-C", tmp_path)
        root = tmp_path / f"lastcall-{VERSION}-linux-{MACHINE}"
        hashes = {part["name"]: part["hashes"][0]["content"]
                  for part in bom["components"] if part["type"] == "file"}
        assert hashes == {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in hashes}
        assert {Path(name).name for name in hashes} == SHIPPED
        assert {"glibc"} <= {part["name"] for part in bom["components"] if part["type"] == "library"}


# ---- For the other machine ---------------------------------------------------------------------


def test_without_the_other_machines_compiler_it_is_told_that_its_packages_are_missing():
    said = make("packages-other", "other=aarch64-linux-gnu-g++-99", "DIST=build/none")
    assert "no packages for aarch64" in said and "g++-aarch64-linux-gnu" in said


@pytest.fixture(scope="module")
def crossed():
    """The folder of the packages for aarch64."""
    if not shutil.which("aarch64-linux-gnu-g++") or not shutil.which("qemu-aarch64-static"):
        pytest.skip("no g++-aarch64-linux-gnu, or no qemu-user-static")
    made = BUILD / "tested-aarch64"
    make("packages", f"DIST={made}", "BUILD=build/aarch64", "CXX=aarch64-linux-gnu-g++", timeout=3000)
    return made


class TestCrossed:
    pytestmark = in_suites

    def test_what_is_in_its_packages_is_of_that_machine_and_runs_there(self, crossed, tmp_path):
        tree = f"lastcall-{VERSION}-linux-aarch64"
        run("tar", "-xf", crossed / f"{tree}.tar.gz", "-C", tmp_path)
        run("dpkg-deb", "-x", *crossed.glob("lastcall_*_arm64.deb"), tmp_path)
        for root in (tmp_path / tree, tmp_path / "usr"):
            for file in ("bin/lastcall", "lib/lastcall/liblastcall.so", "lib/lastcall/liblastcall-go.so"):
                assert "AArch64" in run("readelf", "-h", root / file)
                assert ".debug_info" not in run("readelf", "-SW", root / file)
            assert run("qemu-aarch64-static", root / "bin/lastcall", "--version") == f"lastcall {VERSION}\n"

    def test_its_packages_say_which_machine_they_are_for(self, crossed, tmp_path):
        [package] = crossed.glob("lastcall_*.deb")
        assert run("dpkg-deb", "-f", package, "Architecture", "Depends").split("\n")[:2] == \
            ["Architecture: arm64", "Depends: libc6 (>= 2.17)"]
        [other] = crossed.glob("*.rpm")
        assert run("rpm", "--dbpath", tmp_path, "-qp", other, "--qf", "%{arch}") == "aarch64"
        [image] = crossed.glob("*-oci-*.tar")
        assert json.loads(run("skopeo", "inspect", f"oci-archive:{image}"))["Architecture"] == "arm64"

    def test_lintian_finds_nothing(self, crossed):
        assert run("lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0",
                   *crossed.glob("*.deb")) == ""


# ---- In a system of its own --------------------------------------------------------------------

SERVER = r"""
use IO::Socket::INET;
my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', LocalPort => $ARGV[0],
                                     ReuseAddr => 1) or die;
while (my $client = $listener->accept) {
    my $text = '';
    while (sysread $client, $text, 4096, length $text) {
        while ($text =~ s/^.*?\r\n\r\n//s) {
            syswrite $client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        }
    }
    close $client;
}
"""


@pytest.fixture(params=SYSTEMS, ids=lambda system: system.name)
def bare_root(request, tmp_path):
    with fresh(request.param, tmp_path) as made:
        yield made


def held(root):
    """All files, with what is in them, but dpkg's own notes of what it did."""
    notes = re.compile(r"var/(lib/dpkg/(status|.*-old|lock.*|triggers/Lock)|log/.*|cache/.*)")
    return {name: (path.lstat().st_mode, hashlib.sha256(path.read_bytes()).digest() if path.is_file()
                   and not path.is_symlink() else "")
            for name in files(root) if not notes.fullmatch(name) and not name.startswith(("proc/", "dev/"))
            for path in [root / name]}


class TestSystems:
    pytestmark = in_suites

    def test_the_package_is_installed_works_and_goes_without_a_trace(self, dist, bare_root):
        root, before = bare_root, held(bare_root)
        packages = [shutil.copy(path, root / "root") for path in sorted(dist.glob(f"*_{DEBIAN}.deb"))]
        inside = ["chroot", root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        try:
            run(*inside, "dpkg", "-i", *(f"/root/{Path(path).name}" for path in packages))
            assert run(*inside, "lastcall", "--version") == f"lastcall {VERSION}\n"
            self.serves(inside, Ports().free())
        finally:
            run(*inside, "dpkg", "--purge", "lastcall-dbgsym", "lastcall")
            for path in packages:
                os.unlink(path)
        assert held(root) == before

    def serves(self, inside, port):
        words = ["lastcall", "run", "-n", "2", "--status", "off", "perl", "-e", SERVER, str(port)]
        server = subprocess.Popen([*map(str, inside), *words])
        try:
            assert until(lambda: listening(port))
            with Client(port) as client:
                assert client.exchange(get("/")).persists
                last = client.exchange(get("/"))
                assert not last.persists and b"Connection: close" in last.wire
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait(20)


def listening(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
