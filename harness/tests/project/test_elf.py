"""The library as a file: what it needs, what it shows, what it asks of the loader, and that any
process starts with it.

Knows ELF through readelf. A wrong need or version here is a server that does not start there.
"""

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hosts import building
from hosts.running import exact
from support.process import environment

GOLDEN = Path(__file__).resolve().parent / "exports.golden"
NEEDED = {"libc.so.6", "libdl.so.2"}
VERSION_FLOOR = (2, 17)
# Defined by the start files of every program and library, weak and often absent.
START_FILES = {"_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__",
               "__cxa_finalize"}
# All that the library may ask of libc. A new name is a decision: it must exist in every libc.
ALLOWED = START_FILES | {
    "__environ", "__errno_location", "clock_gettime", "confstr", "dladdr", "dlopen", "dlsym",
    "environ", "fileno", "getauxval", "getenv", "getpid", "getsockname", "getsockopt", "ioctl",
    "kill",  # kill(pid, 0): is a worker still there?
    "lseek", "madvise", "memchr", "memcmp", "memcpy", "memmove", "memset", "mmap", "munmap", "poll",
    "strlen"}
# What the guest in a Go program has of libc, in a file of its own. The same: a new name is a decision.
INSTEAD_OF_LIBC = {
    "__errno_location", "clock_gettime", "getauxval", "getenv", "getpid", "getsockname",
    "getsockopt", "ioctl", "kill", "lseek", "madvise", "memchr", "memcmp", "memcpy", "memmove",
    "memset", "mmap", "munmap", "strlen"}
MUSL = Path(f"/usr/lib/{platform.machine()}-linux-musl/libc.so")


def readelf(option, file):
    if not shutil.which("readelf"):
        pytest.skip("install binutils for readelf")
    done = subprocess.run(["readelf", "--wide", *option.split(), str(file)], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dynamic(library, tag):
    return re.findall(rf"\({tag}\).*?\[([^\]]+)\]", readelf("--dynamic", library))


def symbols(file):
    """(name without version, version, defined, bind) of the dynamic symbols."""
    for line in readelf("--dyn-syms", file).splitlines():
        fields = line.split()
        if len(fields) >= 8 and fields[0].rstrip(":").isdigit() and fields[7] != "Name":
            name, _, version = fields[7].partition("@")
            yield name, version.lstrip("@"), fields[6] != "UND", fields[4]


def exported(file):
    return {name for name, _, defined, _ in symbols(file) if defined}


def undefined(file):
    return {name for name, _, defined, _ in symbols(file) if name and not defined}


# ---- What it needs -----------------------------------------------------------------------------


def test_nothing_is_needed_but_libc_and_libdl(library):
    assert set(dynamic(library, "NEEDED")) == NEEDED


def test_no_symbol_version_is_newer_than_the_oldest_libc(library):
    if platform.machine() != "x86_64":
        pytest.skip("the version floor is that of x86-64")
    versions = set(re.findall(r"GLIBC_([\d.]+)", readelf("--version-info", library)))
    newer = {text for text in versions if tuple(map(int, text.split("."))) > VERSION_FLOOR}
    assert versions and not newer


def test_no_private_version_is_needed(library):
    assert "GLIBC_PRIVATE" not in readelf("--version-info", library)


def test_nothing_is_asked_of_libc_but_the_allowed(library):
    assert undefined(library) - ALLOWED - exported(library) == set()


def test_all_that_is_asked_of_libc_is_in_musl_too(library):
    if not MUSL.exists():
        pytest.skip("install musl-tools for musl's libc.so")
    assert undefined(library) - START_FILES - exported(MUSL) == set()


LOADERS = {"glibc": ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"),
           "musl": (f"/lib/ld-musl-{platform.machine()}.so.1",)}


@pytest.mark.parametrize("mode", [None, "on", "off"])
@pytest.mark.parametrize("libc", LOADERS)
def test_a_program_that_is_started_by_its_loaders_name_runs(library, libc, mode):
    """What the kernel then tells of a program may be true of the loader."""
    loader = next((path for path in LOADERS[libc] if Path(path).exists()), None)
    if not loader:
        pytest.skip(f"no loader of {libc} here")
    program = str(building.compiled("nothing", ("nothing.c",), libc=libc))
    settings = {"LASTCALL_REQUESTS": "2", **({"LASTCALL_GO": mode} if mode else {})}
    words = [[loader, program], [loader, "--preload", str(library), program]]
    for command, preload in zip(words, (library, None)):
        done = subprocess.run(command, env={**environment({}, preload), **settings}, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_no_weak_reference_has_a_version(library):
    """The loader treats it as a need all the same."""
    weak = {name for name, version, defined, bind in symbols(library)
            if not defined and bind == "WEAK" and version}
    assert weak <= {"__cxa_finalize"}


def test_no_name_of_the_cplusplus_runtime_is_left(library):
    names = undefined(library) | exported(library)
    assert not {name for name in names if name.startswith(("_Z", "__cxa_", "__gxx", "_Unwind"))} \
        - START_FILES


# ---- What it shows -----------------------------------------------------------------------------


def test_exactly_the_golden_names_are_exported(library):
    assert sorted(exported(library)) == GOLDEN.read_text().split()


def test_the_golden_names_are_sorted_and_single():
    names = GOLDEN.read_text().split()
    assert names == sorted(set(names))


# ---- What it asks of the loader ----------------------------------------------------------------


def test_the_stack_is_not_executable(library):
    stack = [line for line in readelf("--program-headers", library).splitlines()
             if "GNU_STACK" in line]
    assert len(stack) == 1 and " RW " in stack[0] and "E" not in stack[0].split()[6]


def test_no_segment_is_writable_and_executable(library):
    loads = [line for line in readelf("--program-headers", library).splitlines()
             if line.strip().startswith("LOAD")]
    assert loads and not [line for line in loads if "RWE" in line]


def test_no_relocation_touches_the_text(library):
    assert not dynamic(library, "TEXTREL")
    assert "TEXTREL" not in readelf("--dynamic", library)


def test_all_is_bound_at_once_and_read_only_then(library):
    entries = readelf("--dynamic", library)
    assert "BIND_NOW" in entries or re.search(r"FLAGS_1.*NOW", entries)
    assert "GNU_RELRO" in readelf("--program-headers", library)


def test_it_is_never_unloaded(library):
    assert re.search(r"FLAGS_1.*NODELETE", readelf("--dynamic", library))


def test_thread_locals_are_few_and_need_no_allocation(library):
    """A big block would not fit what the loader keeps for libraries that come late."""
    tls = [line.split() for line in readelf("--program-headers", library).splitlines()
           if line.strip().startswith("TLS")]
    assert all(int(fields[5], 16) <= 512 for fields in tls)
    assert "__tls_get_addr" not in undefined(library)


def test_no_path_of_the_building_machine_is_searched(library):
    assert not dynamic(library, "RPATH") and not dynamic(library, "RUNPATH")


# ---- The one for Go ----------------------------------------------------------------------------


@pytest.fixture
def go_library(library):
    found = library.with_name("liblastcall-go.so")
    if not found.exists():
        pytest.skip("make builds liblastcall-go.so beside the library")
    return found


def test_in_go_nothing_is_needed(go_library):
    assert dynamic(go_library, "NEEDED") == [] and undefined(go_library) == set()
    assert "INTERP" not in readelf("--program-headers", go_library)


def test_in_go_the_entry_for_the_preload_is_all_that_is_exported(go_library):
    assert exported(go_library) == {"lastcall_go"}


def test_in_go_it_moves_itself_and_needs_no_other_relocation(go_library):
    kinds = set(re.findall(r"\bR_[A-Z0-9]+_[A-Z0-9_]+", readelf("--relocs", go_library)))
    assert len(kinds) == 1 and kinds.pop().endswith("_RELATIVE")


def test_in_go_there_is_no_thread_local(go_library):
    assert not [line for line in readelf("--program-headers", go_library).splitlines()
                if line.strip().startswith("TLS")]
    assert "TLS" not in readelf("--dyn-syms", go_library)


def test_in_go_no_segment_is_writable_and_executable(go_library):
    headers = readelf("--program-headers", go_library)
    assert "RWE" not in headers and not dynamic(go_library, "TEXTREL")


def test_in_go_the_functions_of_libc_are_the_allowed(go_library):
    built = go_library.parent / "free" / "src" / "go" / "guest" / "libc.o"
    if not built.exists() or not shutil.which("nm"):
        pytest.skip("the objects that the library is made of are not here, or binutils are not")
    done = subprocess.run(["nm", "--defined-only", "--extern-only", str(built)],
                          capture_output=True, text=True, timeout=60, check=True)
    names = {line.split()[-1] for line in done.stdout.splitlines()}
    assert {name for name in names if not name.startswith("_Z")} == INSTEAD_OF_LIBC


# ---- Any process starts with it ----------------------------------------------------------------


def run(command, library, extra=None):
    done = subprocess.run(command, env=environment(extra or {}, library), capture_output=True,
                          timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("extra", [{}, {"LD_BIND_NOW": "1"}, {"LD_BIND_NOW": "1", "LD_WARN": "1"}],
                         ids=["lazily", "at once", "with warnings"])
def test_a_process_that_does_nothing_does_it_silently(library, extra):
    assert run(["/bin/true"], library, extra) == (0, b"", b"")


def test_the_loader_finds_every_symbol(library):
    """All relocations done and reported, functions too."""
    done = subprocess.run(["ldd", "-r", str(library)], capture_output=True, text=True, timeout=60)
    assert "undefined" not in done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_a_program_with_names_like_ours_is_not_captured(library, libc):
    program = building.program("names", libc, ("-rdynamic",))
    assert run([str(program)], None) == (0, b"alone\n", b"")
    assert run([str(program)], library) == (0, b"alone\n", b"")


def test_a_musl_process_is_served_by_the_same_file(library):
    exact(library, 2, libc="musl")


def test_a_shell_with_children_and_pipes_is_as_before(library):
    script = "echo a | cat | tr a b; (exit 3); echo $?; exec 5>&1; echo c >&5; exec 5>&-"
    bare = run(["/bin/sh", "-c", script], None)
    assert run(["/bin/sh", "-c", script], library) == bare == (0, b"b\n3\nc\n", b"")
