"""docs/metrics.md says what the command prints and knows, no more and no less; and the manual has each
variable of the library's table with its default.

Knows how these documents are laid out.
"""

import json
import re
import subprocess
import sys

import pytest

from conftest import REPOSITORY
from support.command_pages import Page, command, page  # noqa: F401
from support.process import environment



def rows(heading):
    """The cells of the table in that section, without its head."""
    text = (REPOSITORY / "docs" / "metrics.md").read_text()
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.S | re.M)[1]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def named(cell):
    return re.fullmatch(r"`([^`]+)`", cell)[1]


@pytest.fixture
def told(command, page):
    """What the command prints of a server in which everything has happened."""
    page.count(open=1, connections=1)
    return lambda form: command("status", page.pid, form).stdout


def test_the_metrics_are_those_of_the_reference(told):
    lines = told("--prometheus").splitlines()
    types = {name: kind for name, kind in (line.split()[2:] for line in lines if line.startswith("# TYPE"))}
    table = {named(name): kind for name, kind, *_ in rows("Metrics")}
    assert table == types


def test_their_labels_are_those_of_the_reference(told):
    labels = {}
    for name, text in re.findall(r"^([a-z_0-9]+)\{(.*)\} ", told("--prometheus"), re.M):
        name = re.sub(r"_(bucket|sum|count)$", "", name)
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', text))
    table = {named(name): set(re.findall(r"`(\w+)`", more)) for name, _, _, more, *_ in rows("Metrics")}
    assert table == {name: found - {"pid", "server"} for name, found in labels.items()}


def test_every_metric_has_the_version_since_which_it_is(told):
    version = (REPOSITORY / "VERSION").read_text().split()[0].split(".")
    for *_, since in rows("Metrics"):
        assert [int(part) for part in since.split(".")] <= [int(part) for part in version]


def leaves(value, at):
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{at}.{key}".lstrip("."))
    elif isinstance(value, list):
        yield f"{at}[]"
        for part in value:
            yield from leaves(part, f"{at}[]")
    else:
        yield at


def keys(text):
    """With a star for the keys that are a table's own."""
    starred = (re.sub(r"\.(opaque|connections_up_to)\.\w+", r".\1.*", leaf) for leaf in
               leaves(json.loads(text), ""))
    return {leaf for leaf in starred if not leaf.endswith("listening[][]")}


def test_the_json_keys_are_those_of_the_reference(command, told, page, tmp_path):
    with Page(tmp_path) as spoiled:  # not filled in
        printed = keys(told("--json")) | keys(command("status", spoiled.pid, "--json").stdout)
    table = {named(key) for key, _ in rows("JSON")}
    of_workers = {key for key in printed if key.startswith("servers[].workers[].")} - table
    assert {key.replace(".workers[]", "") for key in of_workers} <= table
    assert printed - of_workers == table


def test_the_reasons_are_those_of_the_reference(told):
    [server] = json.loads(told("--json"))["servers"]
    table = [named(reason) for reason, *_ in rows("Why a connection is left alone")]
    assert table == list(server["opaque"])
    labels = re.findall(r'^lastcall_opaque_.*reason="(\w+)"', told("--prometheus"), re.M)
    assert table == labels


def test_the_exit_statuses_are_those_of_the_manual():
    manual = (REPOSITORY / "docs" / "lastcall.1").read_text()
    section = re.search(r"^\.SH EXIT STATUS\n(.*?)(?=^\.SH)", manual, re.S | re.M)[1]
    heads = re.findall(r"^\.TP\n\.BR? (.*)$", section, re.M)
    assert [status for status, *_ in rows("Exit statuses")] == re.findall(r"\d+", " ".join(heads))


# ---- The manual's variables ----------------------------------------------------------------------


def table_of_settings():
    """Variable → accepted form, as the library has them."""
    source = (REPOSITORY / "src" / "preload" / "settings.cpp").read_text()
    text = re.search(r"constexpr std::array table\{(.*?)\n\};", source, re.S)[1]
    return dict(re.findall(r'Setting\{"(\w+)",\s*\w+,\s*"([^"]*)"\}', text))


def documented():
    """Variable → what stands behind Syntax, Default and Since."""
    text = (REPOSITORY / "docs" / "lastcall.1").read_text()
    text = re.sub(r"\\f[BIR]|\\&", "", text).replace("\\-", "-")
    section = re.search(r"^\.SH ENVIRONMENT\n(.*?)(?=^\.SH)", text, re.S | re.M)[1]
    found = {}
    assert section.count(".SS ") == section.count(".SS LASTCALL")
    for name, body in re.findall(r"^\.SS (LASTCALL\w*)\n(.*?)(?=^\.SS|\Z)", section, re.S | re.M):
        found[name] = dict(re.findall(r"^(Syntax|Default|Since): (.*)$", body, re.M))
    return found


DEFAULTS = {"LASTCALL": "on", "LASTCALL_REQUESTS": "1000", "LASTCALL_AGE": "off", "LASTCALL_JITTER": "0%",
            "LASTCALL_RATE": "off", "LASTCALL_PORTS": "all", "LASTCALL_STATUS": "off",
            "LASTCALL_STATUS_MODE": "0600"}


def test_the_manual_has_every_variable_with_its_form_and_default():
    forms = table_of_settings()
    assert forms.keys() == DEFAULTS.keys()
    assert documented().keys() - {"LASTCALL_GO"} == forms.keys()
    for name, form in forms.items():
        said = documented()[name]
        assert said["Syntax"].startswith(f"{name}=") and said["Syntax"].endswith(f": {form}")
        assert re.match(r"[^ ,]+", said["Default"])[0] == DEFAULTS[name]
        assert re.fullmatch(r"\d+\.\d+\.\d+", said["Since"])


SERVER = """
import http.server
with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler):
    print("listens", flush=True)
    input()
"""


def test_the_defaults_of_the_manual_are_those_of_a_server(library, command, tmp_path):
    """Of those that a page tells."""
    given = environment({"LASTCALL_STATUS": str(tmp_path)}, library)
    with subprocess.Popen([sys.executable, "-c", SERVER], env=given, text=True, cwd=tmp_path,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        shown = command("status", server.pid).stdout
        mode = oct(next(tmp_path.glob("lastcall-*")).stat().st_mode & 0o7777)
        server.communicate("\n", timeout=20)
    limits = " ".join(f"{name.lower()}={DEFAULTS['LASTCALL_' + name]}"
                      for name in ("REQUESTS", "AGE", "JITTER", "RATE"))
    assert f"  {limits}\n" in shown.replace("limits          ", "")
    assert mode == "0o" + DEFAULTS["LASTCALL_STATUS_MODE"].lstrip("0")
