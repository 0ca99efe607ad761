"""The tests of CPython, tornado and twisted come out the same, one by one, preloaded as bare.

A few of them depend on time, so one that differs is repeated: alone, five times each way by turns,
and once more among the rest of its module. Each of the preloaded repeats must come out as some run
of the bare one did: a fault that breaks every second run hides from that once in 64 times. That it
differed is told as a warning, and more than a few in a module are a failure at once.
"""

import json
import warnings
from functools import cache

import pytest

from support import python_suite
from support.command_pages import command  # noqa: F401
from support.python_suite import Arm, Module, differing, outcomes

MODULES = [
    Module("test_httpservers", accepts=True),
    Module("test_http_cookiejar"),
    Module("test_urllib"),
    Module("test_urllib2_localnet", accepts=True),
    Module("test_socketserver", accepts=True, resources=("network",)),  # which is the loopback
    Module("test_select"),
    Module("test_wsgiref"),
    Module("test_os"),
    Module("tornado.test.httpserver_test", accepts=True),
    Module("test_socket", accepts=True, slow=True),
    Module("test_asyncio", accepts=True, slow=True),
    Module("test_ssl", accepts=True, slow=True),
    Module("test_subprocess", slow=True),
    Module("test_selectors", slow=True),
    Module("test_ftplib", accepts=True, slow=True),
    Module("test_xmlrpc", accepts=True, slow=True),
    Module("tornado.test.iostream_test", accepts=True, slow=True),
    Module("tornado.test.simple_httpclient_test", accepts=True, slow=True),
    Module("tornado.test.web_test", accepts=True, slow=True),
    Module("tornado.test.websocket_test", accepts=True, slow=True),
    Module("twisted.web.test.test_http", slow=True),
    Module("twisted.internet.test.test_tcp", accepts=True, slow=True),
    Module("twisted.test.test_tcp", accepts=True, slow=True),
]

REPEATS = 5
FEW = 3  # tests of a module that may be repeated

BARE = Arm("bare")


def as_parameter(module):
    marks = [pytest.mark.xdist_group(module.name), pytest.mark.timeout(5 * python_suite.LONGEST)]
    return pytest.param(module, id=module.name, marks=marks + [pytest.mark.suites] * module.slow)


every_module = pytest.mark.parametrize("module", [as_parameter(module) for module in MODULES])


@pytest.fixture(scope="session")
def suite(tmp_path_factory):
    """suite(arm, module): the outcomes; those of the bare one are kept for the other arms."""
    def run(arm, module, only=()):
        if module.missing():
            pytest.skip(f"install {module.package} to run {module.name}")
        return outcomes(arm, module, tmp_path_factory.mktemp("python"), only)
    run.bare = cache(lambda module: run(BARE, module))
    return run


def comes_out_as_bare(suite, arm, module):
    bare, got = suite.bare(module), suite(arm, module)
    assert bare, "nothing was run"
    doubtful = differing(bare, got)
    changes = {name: (bare.get(name), got.get(name)) for name in doubtful}
    assert len(doubtful) <= FEW, changes
    if doubtful:
        warnings.warn(f"{module.name} {arm.name} differed once: {changes}")
        agrees_when_repeated(suite, arm, module, doubtful)


def agrees_when_repeated(suite, arm, module, doubtful):
    bare, got = [suite.bare(module), suite(BARE, module)], [suite(arm, module)]
    for _ in range(REPEATS):
        bare.append(suite(BARE, module, doubtful))
        got.append(suite(arm, module, doubtful))
    for name in doubtful:
        known = [run.get(name) for run in bare]
        assert all(run.get(name) in known for run in got), (name, known, [run.get(name) for run in got])


@every_module
def test_followed_without_a_limit_every_test_comes_out_as_bare(suite, module, library, command,
                                                               tmp_path):
    settings = {"LASTCALL_REQUESTS": "off", "LASTCALL_STATUS": str(tmp_path)}
    comes_out_as_bare(suite, Arm("followed", library, settings), module)
    if module.accepts:
        assert connections(command, tmp_path), "the library followed no connection"


@every_module
def test_with_a_limit_that_none_reaches_every_test_comes_out_as_bare(suite, module, library):
    comes_out_as_bare(suite, Arm("limited", library, {"LASTCALL_REQUESTS": "1000"}), module)


def connections(command, folder):
    told = json.loads(command("status", folder, "--json").stdout)
    return sum(server["connections"] for server in told["servers"])
