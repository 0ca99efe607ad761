"""deploy/kubernetes/inject: what a workload says is kept, completed or refused, and what does not ask passes.

Knows the annotations. Renders nothing itself: the texts are as kustomize and Helm make them.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import HERE
from support.command_pages import command  # noqa: F401
from support.pods import DEPLOY, INJECT, SIDECAR, container, inject, injecting, mounts, objects, variables

WORKLOADS = HERE / "kubernetes" / "workloads.yaml"
DRAIN = ["/lastcall/lastcall", "drain", "1", "--over", "10s", "--wait", "--within", "25s"]
JEMALLOC = {"name": "LD_PRELOAD", "value": "/usr/lib/libjemalloc.so.2"}


def workload(annotations=(), pod=(), kind="Deployment", **server):
    """A workload that asks; `pod` and `server` are more of the pod and of its one container."""
    asks = {"lastcall.dev/inject": "true", **{f"lastcall.dev/{name}": text for name, text in dict(annotations).items()}}
    first = {"name": "app", "image": "app", **server}
    return yaml.safe_dump({
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"},
        "spec": {"template": {"metadata": {"annotations": asks}, "spec": {"containers": [first], **dict(pod)}}}})


def injected(text, *words):
    done = inject(text, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pod_of(text, *words):
    [found] = objects(injected(text, *words))
    return found["spec"]["template"]["spec"]


def refused(text, *words):
    done = inject(text, *words)
    assert done.returncode == 1 and done.stdout == ""
    return done.stderr


def hook_of(pod):
    return container(pod, "app")["lifecycle"]["preStop"]


# ---- What does not ask -------------------------------------------------------------------------

BYSTANDERS = """# Source: chart/templates/a.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: a}   # a comment
data:
  script: |
    ---not a marker
  yes: 'on'
---
---
# Source: chart/templates/b.yaml
kind: Deployment
spec: {replicas: 0x10, template: {spec: {containers: [{name: b}]}}}
...
"""


def test_what_does_not_ask_passes_byte_by_byte():
    assert injected(BYSTANDERS) == BYSTANDERS
    text = injected(BYSTANDERS + "---\n" + workload())
    assert text.startswith(BYSTANDERS) and SIDECAR in text


def test_neither_line_ends_nor_letters_are_changed_in_passing():
    text = "a: \N{LATIN SMALL LETTER U WITH DIAERESIS}\r\nb: |\r\n  c\r\n".encode()
    done = subprocess.run([sys.executable, INJECT], input=text, capture_output=True, timeout=60,
                          env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert (done.returncode, done.stdout, done.stderr) == (0, text, b"")


def test_who_says_false_does_not_ask():
    text = workload({"inject": "false"})
    assert injected(text) == text
    asks = text.replace("name: web", "name: web\n  annotations: {lastcall.dev/inject: 'true'}")
    assert asks != text and injected(asks) == asks  # its pods have the last word


def test_scalars_stay_as_they_were_written():
    """What readers of YAML 1.1 and 1.2 take for different things, and what a dumper likes to fold."""
    text = workload().replace("image: app", "image: app\n        workingDir: 1e3\n        stdin: yes\n        "
                              "args: [0644, '0644', 1_000, 012, ~, \"on\", 2024-01-01, " + "a " * 100 + "]")
    changed = injected(text)
    for word in ("workingDir: 1e3\n", "stdin: yes\n", "- 0644\n", "- '0644'\n", "- 1_000\n", "- 012\n", "- ~\n",
                 '- "on"\n', "- 2024-01-01\n", "- " + ("a " * 100).strip() + "\n"):
        assert word in changed


def test_what_we_write_is_a_string_to_every_reader():
    text = injected(workload({"settings": "requests=off"}, pod={}))
    assert 'value: "0644"' in text and "value: 'off'" in text and 'value: "10%"' in text


def test_aliases_are_changed_apart():
    text = workload().replace("      - image: app\n        name: app", "      - &app\n        image: app\n        name: "
                              "app\n        env: &env [{name: A, value: a}]\n      - {<<: *app, name: other, env: *env}")
    [found] = objects(injected(text.replace("lastcall.dev/inject: 'true'", "lastcall.dev/inject: 'true'\n        "
                                            "lastcall.dev/container: app")))
    other = container(found["spec"]["template"]["spec"], "other")
    assert other == {"name": "other", "image": "app", "env": [{"name": "A", "value": "a"}]}


def test_the_source_of_a_document_stays_above_it():
    text = injected("---\n# Source: chart/templates/a.yaml\n" + workload())
    assert text.startswith("---\n# Source: chart/templates/a.yaml\napiVersion:")


def test_to_inject_twice_is_to_inject_once():
    once = injected(WORKLOADS.read_text())
    done = inject(once)
    assert objects(done.stdout) == objects(once)
    assert done.stderr.count("has lastcall already") == 3


def test_a_list_of_objects_is_as_good_as_a_stream():
    item = yaml.safe_load(workload())
    [whole] = objects(injected(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": [item, item]})))
    assert all(container(each["spec"]["template"]["spec"], SIDECAR) for each in whole["items"])


# ---- What is kept ------------------------------------------------------------------------------


def lost(old, new, path):
    """Where the new differs from the old in more than that something was added."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [each for key, value in old.items() for each in lost(value, new.get(key), f"{path}/{key}")]
    if isinstance(old, list) and old and isinstance(old[0], dict):
        by_name = {each.get("name"): each for each in new}
        return [each for value in old
                for each in lost(value, by_name.get(value.get("name")), f"{path}/{value.get('name')}")]
    return [] if old == new else [path.replace("/spec/template/spec", "")]


def test_everything_that_was_there_is_there():
    """In every kind; what has changed is what lastcall puts together with its own."""
    before, after = objects(WORKLOADS.read_text()), objects(injected(WORKLOADS.read_text()))
    changed = [path for old, new in zip(before, after) for path in lost(old, new, old["metadata"]["name"])]
    assert len(before) == len(after) == 4 and set(changed) == {
        "store/terminationGracePeriodSeconds", "store/containers/server/env/LD_PRELOAD/value",
        "store/containers/server/lifecycle/preStop/exec/command",
        "edge/containers/server/lifecycle/preStop/sleep"}


@pytest.mark.parametrize("given, grace", [({}, 55), ({"terminationGracePeriodSeconds": 180}, 205),
                                          ({"terminationGracePeriodSeconds": 5}, 30)])
def test_the_server_has_the_time_that_it_had_behind_the_drain(given, grace):
    assert pod_of(workload(pod=given))["terminationGracePeriodSeconds"] == grace


@pytest.mark.parametrize("pre_stop", ["off", "keep"])
def test_without_our_hook_the_grace_period_stays(pre_stop):
    server = {"lifecycle": {"preStop": {"httpGet": {"port": 1}}}} if pre_stop == "keep" else {}
    pod = pod_of(workload({"pre-stop": pre_stop}, **server))
    assert "terminationGracePeriodSeconds" not in pod
    assert container(pod, "app").get("lifecycle") == server.get("lifecycle")


def test_a_preload_is_kept_behind_ours():
    env = variables(container(pod_of(workload(env=[JEMALLOC, {"name": "B", "value": "b"}])), "app"))
    assert list(env)[:2] == ["LD_PRELOAD", "B"]
    assert env["LD_PRELOAD"] == "/lastcall/liblastcall.so:/usr/lib/libjemalloc.so.2"


def test_settings_of_the_container_are_kept():
    given = [{"name": "LASTCALL_JITTER", "value": "50%"}, {"name": "LASTCALL_STATUS_MODE", "value": "0640"}]
    env = container(pod_of(workload(env=given)), "app")["env"]
    assert env[:2] == given and len(env) == 4


def shell(*script, by="/bin/sh", flag="-c"):
    return {"exec": {"command": [by, flag, *script]}}


@pytest.mark.parametrize("theirs, ours", [
    (shell("sleep 5"), ["/bin/sh", "-c", " ".join(DRAIN) + " || true; sleep 5"]),
    (shell("a $0", "x", by="bash", flag="-ec"), ["bash", "-ec", " ".join(DRAIN) + " || true; a $0", "x"])])
def test_a_hook_that_has_a_shell_follows_ours(theirs, ours):
    assert hook_of(pod_of(workload(lifecycle={"preStop": theirs})))["exec"]["command"] == ours


def test_a_post_start_hook_is_kept():
    pod = pod_of(workload(lifecycle={"postStart": shell("a")}))
    assert container(pod, "app")["lifecycle"] == {"postStart": shell("a"), "preStop": {"exec": {"command": DRAIN}}}


def test_a_hook_without_a_shell_follows_by_the_images():
    def hook(theirs):
        return hook_of(pod_of(workload({"pre-stop": "sh"}, lifecycle={"preStop": theirs})))["exec"]["command"]
    first = " ".join(DRAIN) + " || true; "
    assert hook({"exec": {"command": ["nginx", "-s", "quit now"]}}) == [
        "/bin/sh", "-c", first + 'exec "$@"', "sh", "nginx", "-s", "quit now"]
    assert hook({"sleep": {"seconds": 7}}) == ["/bin/sh", "-c", first + "exec sleep 7"]


def test_annotations_of_another_scrape_are_kept():
    text = workload().replace("lastcall.dev/inject: 'true'", "lastcall.dev/inject: 'true'\n        prometheus.io/port: '1'")
    done = inject(text)
    annotations = objects(done.stdout)[0]["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == "1" and "prometheus.io/scrape" not in annotations
    assert "by its port's name" in done.stderr


# ---- What is refused ---------------------------------------------------------------------------

OWN = [{"exec": {"command": ["nginx", "-s", "quit"]}}, {"httpGet": {"port": 1}}, {"sleep": {"seconds": 5}}]


@pytest.mark.parametrize("theirs", OWN, ids=str)
def test_a_hook_that_cannot_be_joined_is_never_replaced_without_a_word(theirs):
    [kind] = theirs
    told = refused(workload(lifecycle={"preStop": theirs}))
    assert f"preStop of its own ({kind})" in told
    assert ("sh for both" in told) == (kind != "httpGet")
    replaced = pod_of(workload({"pre-stop": "replace"}, lifecycle={"preStop": theirs}))
    assert hook_of(replaced) == {"exec": {"command": DRAIN}}


REFUSED = {
    "two containers": (workload(pod={"containers": [{"name": "a"}, {"name": "b"}]}), "containers a, b"),
    "a wrong container": (workload({"container": "b"}), "no container b, but app"),
    "a preload from elsewhere": (workload(env=[{"name": "LD_PRELOAD", "valueFrom": {"fieldRef": {}}}]),
                                 "no plain value"),
    "two preloads": (workload(env=[JEMALLOC, JEMALLOC]), "no plain value"),
    "a status folder": (workload(env=[{"name": "LASTCALL_STATUS", "value": "/x"}]), "LASTCALL_STATUS is set"),
    "a setting said twice": (workload({"settings": "jitter=5%"}, env=[{"name": "LASTCALL_JITTER", "value": "7%"}]),
                             "drop one"),
    "an unknown annotation": (workload({"contianer": "app"}), "did you mean container?"),
    "an unknown setting": (workload({"settings": "request=5"}), "did you mean requests?"),
    "a bad value": (workload({"settings": "age=5min"}), "age=5min has no form of age"),
    "a drain without patience": (workload({"drain": "over=10s within=10s"}), "longer than over"),
    "shared processes": (workload(pod={"shareProcessNamespace": True}), "process 1 is not the server"),
    "the node's processes": (workload(pod={"hostPID": True}), "process 1 is not the server"),
    "the node's network": (workload(pod={"hostNetwork": True}), "the node's"),
    "a taken port": (workload(ports=[{"containerPort": 19464}]), "port 19464 is taken"),
    "a taken path": (workload(volumeMounts=[{"name": "x", "mountPath": "/lastcall/"}]), "/lastcall is there already"),
    "a taken volume": (workload(pod={"volumes": [{"name": "lastcall"}]}), "lastcall is there already"),
    "a taken name": (workload(pod={"initContainers": [{"name": "lastcall"}]}), "lastcall is there already"),
    "no command to run": (workload({"run": "true"}), "give its ENTRYPOINT"),
    "two commands to run": (workload({"run": '["/a"]'}, command=["/b"]), "say \"true\""),
    "a key said twice": (workload() + "kind: Service\n", "kind is there twice"),
    "no pod": ("metadata: {name: x, annotations: {lastcall.dev/inject: 'true'}}", "no pod template"),
    "off, with a hook": (workload({"pre-stop": "off"}, lifecycle={"preStop": OWN[1]}), "say keep, or replace"),
}


@pytest.mark.parametrize("text, named", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_added_is_refused_with_the_reason(text, named):
    assert named in refused(text)


def test_one_refusal_stops_all_and_all_are_told():
    told = refused(workload() + "---\n" + workload({"container": "x"}) + "---\n" + workload({"run": "true"}))
    assert "no container x" in told and "ENTRYPOINT" in told


def test_a_preload_in_a_config_map_of_the_input_is_refused():
    source = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata: {%s: a}\n---\n"
    asks = workload(envFrom=[{"configMapRef": {"name": "env"}}])
    assert "from ConfigMap env" in refused(source % "LD_PRELOAD" + asks)
    assert inject(source % "OTHER" + asks).stderr == ""
    assert "ConfigMap env is not in the input" in inject(asks).stderr


def config(name="env", keys="A: a", namespace=""):
    return f"kind: ConfigMap\nmetadata: {{name: {name}{namespace and ', namespace: '}{namespace}}}\ndata: {{{keys}}}\n---\n"


BY_ENV = {"envFrom": [{"configMapRef": {"name": "env"}, "prefix": "LASTCALL_"}]}


def test_settings_from_a_config_map_of_the_input_stay():
    text = config(keys="JITTER: 50%, STATUS_MODE: '0640'") + workload(**BY_ENV)
    env = variables(container(objects(injected(text))[1]["spec"]["template"]["spec"], "app"))
    assert set(env) == {"LD_PRELOAD", "LASTCALL_STATUS"}
    assert "by ConfigMap env, and has to be" in refused(config(keys="STATUS: /x") + workload(**BY_ENV))
    assert "LASTCALL_AGE is set by ConfigMap env" in refused(
        config(keys="AGE: 1m") + workload({"settings": "age=5m"}, **BY_ENV))


@pytest.mark.parametrize("theirs, others", [("a", "b"), ("a", ""), ("", "b"), ("", "")])
def test_a_config_map_of_the_same_name_elsewhere_hides_nothing(theirs, others):
    maps = [config(keys="LD_PRELOAD: x", namespace=theirs), config(namespace=others)]
    asks = workload(envFrom=[{"configMapRef": {"name": "env"}}])
    asks = asks.replace("  name: web", f"  name: web\n  namespace: {theirs}") if theirs else asks
    for order in (maps, maps[::-1]):
        assert "LD_PRELOAD comes from" in refused("".join(order) + asks)
    if theirs and others:
        assert inject(maps[1] + asks).stderr.count("is not in the input") == 1


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "On", "y"])
@pytest.mark.parametrize("key", ["hostPID", "shareProcessNamespace", "hostNetwork"])
def test_a_boolean_is_one_however_it_is_written(key, word):
    assert "say" in refused(workload(pod={key: "IT"}).replace("IT", word)) or key == "hostNetwork"
    assert injected(workload(pod={key: "IT"}).replace("IT", "False"))


@pytest.mark.parametrize("text, ours", [("0x4C08", 19464), ("19_464", 19464), ("046010", 19464)])
def test_a_number_is_one_however_it_is_written(text, ours):
    assert f"port {ours} is taken" in refused(workload(ports=[{"containerPort": "IT"}]).replace("IT", text))


GOOD = {"requests": ["1", "007", "2147483647", "off"], "age": ["1ms", "2147483s", "596h", "off"],
        "jitter": ["0%", "100%"], "rate": ["1/s", "1000000/s", "off"], "ports": ["80", "1-65535", "80,9-9"]}
BAD = {"requests": ["0", "99999999999", "2147483648", "-1", "+1", "1e3", "\u0661"],
       "age": ["0s", "9999h", "597h", "5", "5min", "2147484s"], "jitter": ["150%", "101%", "10", "%"],
       "rate": ["0/s", "1000001/s", "5", "5/m"], "ports": ["all", "0", "70000", "9-3", "80,", "1-2-3", ""]}
VALUES = [(name, value, good) for known, good in ((GOOD, True), (BAD, False))
          for name, values in known.items() for value in values]


@pytest.mark.parametrize("name, value, good", VALUES)
def test_a_setting_is_taken_as_the_library_takes_it(library, name, value, good):
    variable = f"LASTCALL_{name.upper()}"
    serve = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()"
    told = subprocess.run([sys.executable, "-c", serve], capture_output=True, text=True, timeout=60,
                          env={"LD_PRELOAD": str(library), variable: value, "PYTHONUTF8": "1"}).stderr
    assert (told == "") == good and (good or variable in told)
    done = inject(workload({"settings": f"{name}={value}"}))
    assert (done.returncode == 0) == good, done.stderr


@pytest.mark.parametrize("annotations", [
    {"metrics": "99999"}, {"metrics": "0"}, {"drain": "over=0s"}, {"drain": "within=9999999s"},
    {"settings": "age=5m age=6m"}], ids=str)
def test_what_the_command_would_refuse_is_refused(annotations):
    assert "has to be" in (told := refused(workload(annotations))) or "no form of" in told or "twice" in told


TAB = "kind: Service\nmetadata:\n  name:\tbystander\n---\n"


def test_a_document_that_does_not_matter_need_not_be_read():
    map_ = TAB.replace("Service", "ConfigMap")
    assert injected(TAB + map_) == TAB + map_
    assert injected(map_ + workload()).startswith(map_)
    assert injected(map_ + config(keys="A: a, ? [b] : c") + workload()).startswith(map_)


def test_a_document_that_may_matter_and_cannot_be_read_is_named():
    broken = TAB.replace("  name", "  annotations: {lastcall.dev/inject: 'true'}\n  name").replace("Service", "Rollout")
    assert "document 2 (Rollout/bystander) cannot be read" in refused(workload() + "---\n" + broken)
    source = TAB.replace("Service", "Secret")
    asks = workload(envFrom=[{"secretRef": {"name": "bystander"}}])
    assert "(Secret/bystander) cannot be read" in refused(source + asks)
    named = TAB.replace("Service", "Deployment")
    assert "cannot be read" in refused(named, "--workload", "Deployment/bystander")


ODD = {
    "an empty command": (workload({"run": "true"}, command=[]), "give its ENTRYPOINT"),
    "a list of annotations": ("kind: Deployment\nmetadata: {annotations: [lastcall.dev/a]}\n", "annotations is no mapping"),
    "a complex key": (workload() + "? [a]\n: b\n", "a key is no scalar"),
    "a merge of a word": (workload() + "<<: a\n", "no mapping"),
    "words for containers": (workload(pod={"containers": "a"}), "containers is no list"),
    "a list of words for containers": (workload(pod={"containers": ["a"]}), "no list of mappings"),
    "a word for env": (workload(env="a"), "env is no list"),
    "a list of words for env": (workload(env=["a"]), "env is no list of mappings"),
    "a word for a hook": (workload(lifecycle={"preStop": "a"}), "preStop is no mapping"),
    "a word for a command": (workload({"run": "true"}, command="a"), "command is no list"),
    "numbers to run": (workload({"run": "[1]"}), "no list of words"),
    "a word for a spec": ("kind: Pod\nmetadata: {annotations: {lastcall.dev/inject: 'true'}}\nspec: a\n", "spec is no mapping"),
    "an annotation without quotes": (workload().replace("'true'", "true"), "quote it"),
    "a port without quotes": (workload({"metrics": "8123"}).replace("'8123'", "8123"), "quote it"),
    "an unknown kind without pods": ("kind: Thing\nmetadata: {annotations: {lastcall.dev/inject: 'true'}}\n", "no pod template"),
    "a depth without end": ("# lastcall.dev/\na: " + "[" * 5000, "lastcall-inject:"),
}


@pytest.mark.parametrize("text, named", ODD.values(), ids=ODD)
def test_what_has_no_form_of_a_workload_is_refused_in_words(text, named):
    told = refused(text)
    assert named in told and "Traceback" not in told and len(told.splitlines()) == 1


def test_what_nobody_foresaw_is_one_line_and_nothing_written(monkeypatch):
    def fails(*_):
        raise RuntimeError("two\nlines")
    monkeypatch.setattr(injecting(), "written", fails)
    assert refused(workload()) == "lastcall-inject: RuntimeError: two lines\n"


def test_a_kind_without_pods_that_is_annotated_with_all_others_stays():
    service = "kind: Service\nmetadata: {name: web, annotations: {lastcall.dev/inject: 'true'}}\n---\n"
    done = inject(service + workload())
    assert done.returncode == 0 and done.stdout.startswith(service) and SIDECAR in done.stdout
    assert "Service/web: it asks, and has no pods" in done.stderr
    assert "no pod template" in refused(service, "--workload", "Service/web")


def test_a_plain_sidecar_would_keep_a_job_from_its_end():
    for text in (workload(kind="Job"), workload(pod={"restartPolicy": "Never"})):
        assert "never end" in refused(text, "--plain-sidecar") and injected(text)
    assert injected(workload({"metrics": "off"}, kind="Job"), "--plain-sidecar")


@pytest.mark.parametrize("value", ["/lastcall/liblastcall.so", "/a.so:/lastcall/liblastcall.so"])
def test_a_preload_that_has_ours_stays(value):
    env = variables(container(pod_of(workload(env=[{"name": "LD_PRELOAD", "value": value}])), "app"))
    assert env["LD_PRELOAD"] == value


def test_what_is_no_yaml_is_refused():
    assert "lastcall-inject:" in refused("a: [\n# lastcall.dev/\n")


def test_bad_usage_has_a_status_of_its_own():
    assert inject("", "--workload", "web").returncode == 2


# ---- What is asked for -------------------------------------------------------------------------


def test_the_command_line_asks_where_a_chart_takes_no_annotations():
    text = workload({"inject": "false"}, pod={"containers": [{"name": "log"}, {"name": "app"}]})
    text = text.replace("lastcall.dev/inject", "other")
    pod = pod_of(text, "--workload", "Deployment/web:app")
    assert "env" not in container(pod, "log") and "LD_PRELOAD" in variables(container(pod, "app"))
    assert "no Deployment/shop in the input" in refused(text, "--workload", "Deployment/shop")


def test_settings_become_what_the_library_reads(command):
    pod = pod_of(workload({"settings": "requests=off age=5m jitter=0% rate=50/s ports=80,8080-8090 go=on observe=on"}))
    given = variables(container(pod, "app"))
    assert given["LASTCALL_AGE"] == "5m" and given["LASTCALL"] == "observe"
    del given["LD_PRELOAD"], given["LASTCALL_STATUS"]
    assert len(given) == 8
    done = command("run", "--status", "off", "true", extra=given)
    assert done.returncode == 0, done.stderr


def test_the_drain_is_as_long_as_said():
    pod = pod_of(workload({"drain": "over=30s within=90s"}))
    assert hook_of(pod)["exec"]["command"][3:] == ["--over", "30s", "--wait", "--within", "90s"]
    assert pod["terminationGracePeriodSeconds"] == 120


def test_run_wraps_the_command_and_leaves_the_preload_to_it():
    pod = pod_of(workload({"run": "true"}, command=["/a", "b"], args=["c"], env=[JEMALLOC]))
    server = container(pod, "app")
    assert server["command"] == ["/lastcall/lastcall", "run", "--", "/a", "b"] and server["args"] == ["c"]
    assert JEMALLOC in server["env"]
    named = container(pod_of(workload({"run": '["/a", "b"]'})), "app")
    assert named["command"] == server["command"] and "LD_PRELOAD" not in variables(named)


def test_metrics_may_have_another_port_or_none():
    assert container(pod_of(workload({"metrics": "8123"})), SIDECAR)["ports"][0]["containerPort"] == 8123
    [found] = objects(injected(workload({"metrics": "off"})))
    assert [each["name"] for each in found["spec"]["template"]["spec"]["initContainers"]] == ["lastcall"]
    assert not any("prometheus" in name for name in found["spec"]["template"]["metadata"]["annotations"])


def test_before_native_sidecars_it_is_a_container():
    pod = pod_of(workload(), "--plain-sidecar")
    assert [each["name"] for each in pod["containers"]] == ["app", SIDECAR]
    assert "restartPolicy" not in pod["containers"][1]


def test_where_a_pod_is_root_ours_is_not():
    pod = pod_of(workload(pod={"securityContext": {"runAsUser": 0}}))
    assert {container(pod, name)["securityContext"]["runAsUser"] for name in ("lastcall", SIDECAR)} == {65532}


def test_the_image_is_named_once_for_both():
    pod = pod_of(workload(), "--image", "r.example/l@sha256:1")
    assert {each["image"] for each in pod["initContainers"]} == {"r.example/l@sha256:1"}


# ---- As a plugin -------------------------------------------------------------------------------


def test_the_plugin_of_helm_leads_to_the_command():
    plugin = yaml.safe_load((DEPLOY / "inject" / "plugin.yaml").read_text())
    [command] = plugin["runtimeConfig"]["platformCommand"]
    program = Path(command["command"].replace("${HELM_PLUGIN_DIR}", str(DEPLOY / "inject")))
    assert program == INJECT and os.access(program, os.X_OK)
    assert plugin["version"] == (DEPLOY.parent.parent / "VERSION").read_text().split()[0]


def test_the_command_runs_as_it_lies():
    done = subprocess.run([INJECT], input=workload(), capture_output=True, text=True, timeout=60)
    if not shutil.which("python3") or "No module named" in done.stderr:
        pytest.skip("the first python3 has no yaml")
    assert SIDECAR in done.stdout and json.dumps(mounts(container(objects(done.stdout)[0]["spec"]["template"]["spec"], "app")))
