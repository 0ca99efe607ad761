"""deploy/kubernetes/monitoring: alerts fire when they say, and every query asks for metrics that there are.

Knows the files, and what promtool reads. The metrics are those that the command prints.
"""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from conftest import HERE
from support.command_pages import command, page  # noqa: F401
from support.pods import DEPLOY

FOLDER = DEPLOY / "monitoring"
CASES = HERE / "kubernetes" / "alerts_test.yaml"
# What a scrape adds to the command's labels.
SCRAPED = {"namespace", "pod"}


def rules():
    return yaml.safe_load((FOLDER / "alerts.yaml").read_text())["spec"]


def panels():
    return json.loads((FOLDER / "dashboard.json").read_text())["panels"]


def queries():
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    return [target["expr"] for panel in panels() for target in panel.get("targets", [])] + [
        variable["query"]["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]


def expressions():
    return [rule["expr"] for group in rules()["groups"] for rule in group["rules"]]


@pytest.fixture
def promtool(tmp_path):
    """promtool(words): in a folder that has the rules of alerts.yaml as rules.yaml."""
    if not shutil.which("promtool"):
        pytest.skip("install prometheus for promtool")
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules()))

    def run(*words):
        return subprocess.run(["promtool", *map(str, words)], cwd=tmp_path, capture_output=True, text=True,
                              timeout=60)
    run.folder = tmp_path
    return run


def test_promtool_accepts_the_rules(promtool):
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", "rules.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_for_what_it_says_and_not_for_what_is_nearly_so(promtool):
    shutil.copy(CASES, promtool.folder)
    done = promtool("test", "rules", CASES.name)
    assert done.returncode == 0, done.stdout + done.stderr
    fired = {test["alertname"] for case in yaml.safe_load(CASES.read_text())["tests"]
             for test in case["alert_rule_test"] if test["exp_alerts"]}
    assert fired == {rule["alert"] for group in rules()["groups"] for rule in group["rules"]}


def test_promtool_accepts_every_query_of_the_dashboard(promtool):
    def plain(query):
        return query.replace("$__rate_interval", "5m").replace("$namespace", ".*").replace("$pod", ".*")
    found = [plain(query) for query in queries() if not query.startswith("label_values")]
    named = [{"record": f"dashboard:query_{place}", "expr": query} for place, query in enumerate(found)]
    (promtool.folder / "queries.yaml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": named}]}))
    done = promtool("check", "rules", "--lint=none", "queries.yaml")
    assert done.returncode == 0 and len(named) > 20, done.stdout + done.stderr


@pytest.fixture
def printed(command, page):
    """The names of the metrics that the command prints, with those of their labels."""
    page.count(open=1, connections=2)
    text = command("status", page.pid, "--prometheus").stdout
    found = {}
    for name, labels in re.findall(r"^(lastcall_\w+){(.*)} \S+$", text, re.M):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    assert len(found) > 20
    return found


@pytest.mark.parametrize("asked", [queries, expressions])
def test_every_query_asks_for_metrics_and_labels_that_are_printed(printed, asked):
    for query in asked():
        names = re.findall(r"\blastcall_\w+", query)
        assert names and set(names) <= set(printed), query
        known = SCRAPED.union(*(printed[name] for name in names))
        grouped = re.findall(r"\b(?:by|on|ignoring) \(([^)]*)\)", query)
        matched = re.findall(r"\{([^}]*)\}", query)
        labels = {label.strip() for group in grouped for label in group.split(",")} | {
            label for match in matched for label in re.findall(r"(\w+)\s*[=!]~?", match)}
        assert labels <= known, query


def test_reasons_that_an_alert_leaves_out_are_reasons(command, page):
    text = command("status", page.pid, "--prometheus").stdout
    known = set(re.findall(r'reason="(\w+)"', text))
    [left_out] = re.findall(r'reason!~"([^"]*)"', " ".join(expressions()))
    assert set(left_out.split("|")) <= known and len(known) > 10


def test_panels_have_names_and_places_of_their_own():
    found = panels()
    assert len({panel["id"] for panel in found}) == len(found)
    squares = [(x, y) for panel in found for place in [panel["gridPos"]]
               for x in range(place["x"], place["x"] + place["w"])
               for y in range(place["y"], place["y"] + place["h"])]
    assert len(set(squares)) == len(squares) and max(x for x, _ in squares) < 24
    assert all(panel["title"] for panel in found)
