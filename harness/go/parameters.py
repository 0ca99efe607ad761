"""Go servers as test parameters: the quick ones every day, the heavy ones in make suites."""

import pytest

from servers import go
from support.parameters import as_parameter


def parameter(server):
    made = as_parameter(server)
    marks = [*made.marks, pytest.mark.suites] if server.heavy else made.marks
    return pytest.param(server, id=server.name, marks=marks)


def on(servers):
    return pytest.mark.parametrize("server", [parameter(server) for server in servers])


def on_those(predicate):
    return on([server for server in go.every if predicate(server)])


every_server = on(go.every)
followed = on_those(lambda server: not server.old)
static = on([go.static])
static_and_dynamic = on([go.static, go.cgo, go.pie])
