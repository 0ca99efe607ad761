"""Other people's preloads, before us and behind us, and the compilers' sanitizers in the host.

Knows the files as Debian installs them. What they do is their business; the connection is ours.
"""

import shutil
from pathlib import Path

import pytest

from hosts import building
from hosts.running import Host, exact, is_exact, one_by_one, paths, run
from support.client import Client

FOLDER = Path("/usr/lib/x86_64-linux-gnu")
NEIGHBOURS = {"libfaketime": FOLDER / "faketime" / "libfaketime.so.1",
              "jemalloc": FOLDER / "libjemalloc.so.2",
              "libeatmydata": FOLDER / "libeatmydata.so"}
SENDS = ["write", "writev30", "sendfile", "bytewise"]
PACKAGES = {"libfaketime": "libfaketime", "jemalloc": "libjemalloc2",
            "libeatmydata": "libeatmydata1"}


# libfaketime and jemalloc do not start together, with or without us.
GROUPS = [["libfaketime"], ["jemalloc"], ["libeatmydata"], ["libfaketime", "libeatmydata"],
          ["libeatmydata", "jemalloc"]]


def neighbours(names):
    missing = [PACKAGES[name] for name in names if not NEIGHBOURS[name].exists()]
    if missing:
        pytest.skip(f"install {' '.join(missing)}")
    return [str(NEIGHBOURS[name]) for name in names]


def together(library, names, order):
    others = neighbours(names)
    return ":".join([*others, str(library)] if order == "before us" else [str(library), *others])


def exact_beside(library, names, order, limit, options, same_trace=True):
    """As `exact`, but both servers have the neighbours: they may keep descriptors of their own."""
    requests = paths(*["/1"] * limit)
    bare = run(options, one_by_one(requests), ":".join(neighbours(names)))
    kept = run(options, one_by_one(requests, last=True), together(library, names, order),
               {"LASTCALL_REQUESTS": limit})
    is_exact(bare.said, kept.said)
    assert (kept.status, kept.stderr) == (bare.status, bare.stderr) == (0, b"")
    assert kept.trace == bare.trace or not same_trace


in_both_orders = pytest.mark.parametrize("order", ["before us", "behind us"])
in_groups = pytest.mark.parametrize("names", GROUPS, ids="+".join)


@in_both_orders
@in_groups
def test_with_another_preload_every_connection_ends_exactly(library, names, order):
    for send in SENDS:
        exact_beside(library, names, order, 2, [f"--send={send}"])
    exact_beside(library, names, order, 2, ["--threads"], same_trace=False)
    exact_beside(library, names, order, 3,
                 ["--nonblocking", "--receive=recvmsg", "--accept=accept4"])


@in_both_orders
@in_groups
def test_all_of_them_are_there(library, names, order):
    """The comparison above is not with a server that lost its preloads."""
    with Host(library=together(library, names, order)) as host:
        maps = Path(f"/proc/{host.popen.pid}/maps").read_text()
        for file in [*neighbours(names), library]:
            assert str(Path(file).resolve()) in maps
        with Client(host.port) as client:
            client.leave()


@in_both_orders
def test_a_false_clock_moves_no_limit(library, order):
    """libfaketime starts the clock a day ago: an age counts from when a connection was accepted."""
    settings = {"LASTCALL_AGE": "1h", "LASTCALL_REQUESTS": 3, "FAKETIME": "-1d"}
    three = paths("/1", "/2", "/3")
    kept = run([], one_by_one(three, last=True), together(library, ["libfaketime"], order), settings)
    assert [one.persists for one in kept.said.responses] == [True, True, False]


# ---- Sanitizers in the host --------------------------------------------------------------------

SANITIZED = [("gcc", "thread"), ("clang-14", "thread"), ("clang-14", "address")]


def sanitized(compiler, kind):
    if not shutil.which(compiler):
        pytest.skip(f"install {compiler}")
    return building.compiled(f"host-{kind}", tuple(building.HOST), compiler=compiler,
                             flags=(f"-fsanitize={kind}", "-O0"))


@pytest.mark.parametrize("compiler, kind", SANITIZED)
@pytest.mark.parametrize("mode", [[], ["--nonblocking"], ["--threads"]],
                         ids=["blocking", "nonblocking", "threads"])
def test_a_host_with_a_sanitizer_is_served_exactly(library, compiler, kind, mode):
    exact(library, 2, mode, program=sanitized(compiler, kind), same_trace="--threads" not in mode)


def test_a_host_with_gccs_address_sanitizer_wants_its_library_first(library):
    """It refuses any other order, with a line that says so; put first, all is well."""
    program = sanitized("gcc", "address")
    first = building.library_of("gcc", "libasan.so")
    with pytest.raises(AssertionError, match="ASan runtime does not come first"):
        run([], one_by_one(paths("/1")), library, program=program)
    exact(f"{first}:{library}", 2, program=program)
