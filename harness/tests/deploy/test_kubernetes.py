"""deploy/kubernetes: what is rendered fits the schemas, its names lead to each other, and the component
does as the post-renderer does or refuses.

Knows the names of its files and containers; all else is read from what is rendered. Nothing runs here:
test_kubernetes_pods.py carries it out.
"""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from support import npm
from support.command_pages import command  # noqa: F401
from support.pods import (DEPLOY, REPOSITORY, SIDECAR, container, inject, kustomize, mounts, objects, variables,
                  with_component)

WANTED = REPOSITORY / "harness" / "kubernetes"

# Packages are fetched once, on one worker, and the type checker takes its time.
pytestmark = [pytest.mark.xdist_group("kubernetes"), pytest.mark.timeout(600)]


def validated(text):
    """What schemas and types have against each of the objects."""
    if not shutil.which("npm"):
        pytest.skip("install npm for the schemas of Kubernetes")
    folder = npm.modules(WANTED, "kubernetes").parent
    shutil.copy(WANTED / "validate.mjs", folder)
    done = subprocess.run(["node", "validate.mjs"], input=text, cwd=folder, timeout=200, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    errors = [[] for _ in objects(text)]
    for place, error in json.loads(done.stdout):
        errors[place].append(error)
    return errors


@pytest.fixture(scope="module")
def example():
    """The text of the example, without lastcall."""
    return rendered(kustomize(DEPLOY / "example"))


def rendered(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def workloads():
    """What can be kept, in every kind."""
    return (WANTED / "workloads.yaml").read_text()


@pytest.fixture(scope="module", params=["inject", "component"])
def web(request, example, tmp_path_factory):
    """The example's Deployment with lastcall, by either way."""
    if request.param == "inject":
        text = rendered(inject(example))
    else:
        text = rendered(with_component(tmp_path_factory.mktemp("kustomize"), example))
    return deployment(text)


def deployment(text):
    [found] = [each for each in objects(text) if each["kind"] == "Deployment"]
    return found


@pytest.fixture
def pod(web):
    return web["spec"]["template"]["spec"]


# ---- Schemas -----------------------------------------------------------------------------------


def test_every_object_fits_its_schema_and_what_is_wrong_does_not(example, workloads, tmp_path):
    """In one go: the type checker takes its time."""
    monitoring = [path.read_text() for path in sorted((DEPLOY / "monitoring").glob("*.yaml"))]
    kept, podmonitor = rendered(inject(workloads)), monitoring[-1]
    good = [rendered(inject(example)), kept, rendered(with_component(tmp_path, example)),
            rendered(with_component(tmp_path, example, "component", "component/longer")), *monitoring]
    wrong = {"prestop": only(good[0], "Deployment").replace("preStop:", "prestop:"),
             "must be string": only(good[0], "Deployment").replace("value: /lastcall-status", "value: 7"),
             "setWait": only(kept, "Rollout").replace("setWeight", "setWait"),
             '"endpoints"': podmonitor.replace("podMetricsEndpoints", "endpoints")}
    errors = validated("\n---\n".join([*good, *wrong.values()]))
    assert errors[:-len(wrong)] == [[]] * (len(errors) - len(wrong))
    for word, found in zip(wrong, errors[-len(wrong):]):
        assert word in "\n".join(found)
    assert {found["kind"] for text in good for found in objects(text)} == {
        "Deployment", "StatefulSet", "DaemonSet", "Rollout", "Service", "HorizontalPodAutoscaler", "PodMonitor",
        "PrometheusRule"}


def only(text, kind):
    [found] = [each for each in objects(text) if each["kind"] == kind]
    return yaml.safe_dump(found)


# ---- The component -----------------------------------------------------------------------------


def parts(value):
    """For comparison: lists of named things as dicts, for a merge chooses its own order."""
    if isinstance(value, dict):
        return {key: parts(each) for key, each in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {each.get("mountPath") or each.get("name") or str(each): parts(each) for each in value}
    return value


def test_the_component_does_as_the_post_renderer(example, tmp_path):
    """With the longer drain; but for a colon, and for the annotations, which it leaves alone."""
    ours = deployment(rendered(with_component(tmp_path, example, "component", "component/longer")))
    theirs = deployment(rendered(inject(example)))
    del theirs["spec"]["template"]["metadata"]["annotations"]
    text = json.dumps(parts(ours)).replace('/liblastcall.so:"', '/liblastcall.so"')
    assert json.loads(text) == parts(theirs)


def change(text, **more):
    """The text with more in the Deployment's pod, or in its container."""
    found = objects(text)
    [spec] = [each["spec"]["template"]["spec"] for each in found if each["kind"] == "Deployment"]
    for key, value in more.items():
        (spec["containers"][0] if key in ("lifecycle", "env", "name", "volumeMounts") else spec)[key] = value
    return yaml.safe_dump_all(found)


def test_the_component_keeps_a_preload_and_a_grace_period(example, tmp_path):
    given = [{"name": "LD_PRELOAD", "value": "/usr/lib/libjemalloc.so.2"}]
    text = change(example, env=given, terminationGracePeriodSeconds=180)
    spec = deployment(rendered(with_component(tmp_path, text)))["spec"]["template"]["spec"]
    assert variables(container(spec, "server"))["LD_PRELOAD"] == (
        "/lastcall/liblastcall.so:/usr/lib/libjemalloc.so.2")
    assert spec["terminationGracePeriodSeconds"] == 180


HANDLERS = [{"exec": {"command": ["true"]}}, {"httpGet": {"port": 8080}}, {"sleep": {"seconds": 5}},
            {"tcpSocket": {"port": 8080}}]


@pytest.mark.parametrize("more, named", [
    *(({"lifecycle": {"preStop": handler}}, "only be used with scalar nodes") for handler in HANDLERS),
    ({"name": "main"}, "[name=^server$].name"), ({"shareProcessNamespace": True}, "shareProcessNamespace"),
    ({"hostPID": True}, "hostPID"), ({"hostNetwork": True}, "hostNetwork")], ids=str)
def test_the_component_refuses_what_it_would_lose(example, tmp_path, more, named):
    done = with_component(tmp_path, change(example, **more))
    assert done.returncode and named in done.stderr


NULLS = [{"env": None}, {"volumeMounts": None}, {"lifecycle": None}, {"lifecycle": {"preStop": None}},
         {"initContainers": None}, {"volumes": None}]
FROM_SECRET = {"name": "LD_PRELOAD", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}
TAKEN = [*({"volumes": [{"name": name, "configMap": {"name": "theirs"}}]} for name in ("lastcall", "lastcall-status")),
         {"volumes": [{"name": "lastcall"}]},
         *({"initContainers": [{"name": name, "image": "theirs"}]} for name in ("lastcall", SIDECAR)),
         *({"volumeMounts": [{"name": "theirs", "mountPath": path}]} for path in ("/lastcall/", "/lastcall-status")),
         *({"env": [{"name": name, "value": "/x"}]} for name in ("LASTCALL_STATUS", "LASTCALL_STATUS_MODE")),
         {"env": [FROM_SECRET]}]


@pytest.mark.parametrize("more", NULLS + TAKEN, ids=str)
def test_the_component_refuses_what_kustomize_would_pass_over_or_replace(example, tmp_path, more):
    """Nothing is created below null, and whatever has the name is found."""
    done = with_component(tmp_path, change(example, **more))
    assert done.returncode and done.stdout == ""
    assert "unable to find field" in done.stderr or FROM_SECRET in more.get("env", []), done.stderr


def test_the_component_takes_a_name_for_the_whole_of_it(example, tmp_path):
    """To kustomize it is an expression."""
    theirs = {"volumes": [{"name": "my-lastcall", "configMap": {"name": "theirs"}}],
              "initContainers": [{"name": "lastcall-first", "image": "theirs"}],
              "env": [{"name": name, "value": "1"} for name in ("MY_LD_PRELOAD", "LASTCALL_STATUS_OF_MINE")],
              "volumeMounts": [{"name": "my-lastcall", "mountPath": path} for path in ("/lastcall-data", "/my/lastcall")]}
    found = objects(change(example, **theirs))
    [pod] = [each["spec"]["template"]["spec"] for each in found if each["kind"] == "Deployment"]
    pod["containers"].append({"name": "server-log", "image": "log"})
    spec = deployment(rendered(with_component(tmp_path, yaml.safe_dump_all(found))))["spec"]["template"]["spec"]
    assert container(spec, "server-log") == {"name": "server-log", "image": "log"}
    server = container(spec, "server")
    for key, items in theirs.items():
        whole = (server if key in server else spec)[key]
        assert all(item in whole for item in items) and len(whole) == len(items) + (3 if key == "env" else 2)


def test_for_another_name_the_component_is_changed_as_its_head_says(example, tmp_path):
    [words] = re.findall(r"sed -i .*", (DEPLOY / "component" / "kustomization.yaml").read_text())
    with_component(tmp_path, example)
    subprocess.run(["sh", "-c", words.replace("NAME", "main")], check=True, cwd=tmp_path / "deploy" / "component")
    (tmp_path / "deploy" / "overlay" / "objects.yaml").write_text(change(example, name="main"))
    spec = deployment(rendered(kustomize(tmp_path / "deploy" / "overlay")))["spec"]["template"]["spec"]
    assert "LD_PRELOAD" in variables(container(spec, "main"))


def test_the_longer_drain_refuses_a_grace_period(example, tmp_path):
    text = change(example, terminationGracePeriodSeconds=180)
    done = with_component(tmp_path, text, "component", "component/longer")
    assert done.returncode and "terminationGracePeriodSeconds" in done.stderr


KINDS = ["apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 DaemonSet", "argoproj.io/v1alpha1 Rollout"]


def test_the_component_takes_every_kind_that_has_a_pod_template(tmp_path):
    def plain(version, kind):
        return {"apiVersion": version, "kind": kind, "metadata": {
            "name": kind.lower(), "annotations": {"lastcall.dev/inject": "true"}}, "spec": {"template": {"spec": {
                "initContainers": [{"name": "mine"}], "volumes": [{"name": "mine"}],
                "containers": [{"name": "log"}, {"name": "server", "env": [{"name": "MINE", "value": "1"}]}]}}}}
    text = yaml.safe_dump_all(plain(*kind.split()) for kind in KINDS)
    found = objects(rendered(with_component(tmp_path, text)))
    assert len(found) == len(KINDS)
    for each in found:
        spec = each["spec"]["template"]["spec"]
        assert {"mine", "lastcall", SIDECAR} == {init["name"] for init in spec["initContainers"]}
        assert {"mine", "lastcall", "lastcall-status"} == {volume["name"] for volume in spec["volumes"]}
        assert container(spec, "log") == {"name": "log"}
        assert {"MINE", "LD_PRELOAD"} <= set(variables(container(spec, "server")))


def test_the_component_leaves_alone_what_does_not_ask(example, tmp_path):
    text = example.replace("lastcall.dev/inject", "lastcall.dev/elsewhere")
    assert objects(rendered(with_component(tmp_path, text))) == objects(text)


# ---- What the names lead to --------------------------------------------------------------------


def test_the_environment_is_what_the_library_reads(pod, command):
    given = variables(container(pod, "server"))
    known = set(re.findall(r'"(LASTCALL[A-Z_]*)"',
                           (REPOSITORY / "src" / "preload" / "settings.cpp").read_text()))
    assert "LASTCALL_REQUESTS" in known
    assert set(given) - {"LD_PRELOAD"} <= known
    values = {name: text for name, text in given.items() if name not in ("LD_PRELOAD", "LASTCALL_STATUS")}
    done = command("run", "--status", "off", "true", extra=values)
    assert done.returncode == 0, done.stderr


def test_the_paths_lead_into_the_volumes(pod):
    init, server = container(pod, "lastcall"), container(pod, "server")
    program, *words = init["command"]
    assert words[0] == "install" and list(mounts(init)) == words[1:]
    assert f'ENTRYPOINT ["{program}"]' in (DEPLOY / "Dockerfile").read_text()
    [folder] = words[1:]
    given = variables(server)
    assert given["LD_PRELOAD"].rstrip(":") == f"{folder}/liblastcall.so"
    assert server["lifecycle"]["preStop"]["exec"]["command"][0] == f"{folder}/lastcall"
    assert mounts(server)[folder]["readOnly"]
    assert mounts(server)[folder]["name"] == mounts(init)[folder]["name"]
    pages = mounts(server)[given["LASTCALL_STATUS"]]
    volumes = {volume["name"]: volume["emptyDir"] for volume in pod["volumes"]}
    assert "readOnly" not in pages and volumes[pages["name"]]["medium"] == "Memory"


def test_the_sidecar_outlives_the_drain_and_is_found(pod, web):
    """A native sidecar: it ends when the last container has."""
    sidecar = container(pod, SIDECAR)
    assert sidecar in pod["initContainers"] and sidecar["restartPolicy"] == "Always"
    [port] = sidecar["ports"]
    words = sidecar["command"]
    assert words[words.index("--listen") + 1] == str(port["containerPort"])
    monitor = yaml.safe_load((DEPLOY / "monitoring" / "podmonitor.yaml").read_text())["spec"]
    assert [endpoint["port"] for endpoint in monitor["podMetricsEndpoints"]] == [port["name"]]
    metadata = web["spec"]["template"]["metadata"]
    assert monitor["selector"]["matchLabels"].items() <= metadata["labels"].items()
    annotated = metadata.get("annotations", {}).get("prometheus.io/port", str(port["containerPort"]))
    assert annotated == str(port["containerPort"])


def test_no_file_takes_the_port_of_opentelemetry():
    for path in DEPLOY.parent.rglob("*"):
        assert path.is_dir() or not re.search(r"\b9464\b", path.read_text()), path


def test_the_document_has_this_version_and_every_annotation():
    text = (REPOSITORY / "docs" / "kubernetes.md").read_text()
    version = (REPOSITORY / "VERSION").read_text().split()[0]
    assert set(re.findall(r"lastcall[:-](\d+\.\d+\.\d+)|newTag: (\S+)}", text)) == {(version, ""), ("", version)}
    help_ = inject("", "--help").stdout
    known = re.findall(r"^    lastcall.dev/([a-z-]+):", help_, re.M)
    table = re.findall(r"^\| `([a-z-]+)` \|", text, re.M)
    assert known and set(table) == {"inject", *known}
    for path in re.findall(r"`(deploy/kubernetes/\S+?)`", text):
        assert (REPOSITORY / path).exists(), path


def test_the_sidecar_reads_the_pages_of_the_server(pod):
    init, server, sidecar = (container(pod, name) for name in ("lastcall", "server", SIDECAR))
    folder = variables(server)["LASTCALL_STATUS"]
    program, subcommand, operand = sidecar["command"][:3]
    assert (subcommand, operand) == ("status", folder)
    assert sidecar["image"] == init["image"] and program == init["command"][0]
    assert mounts(sidecar)[folder] == {**mounts(server)[folder], "readOnly": True}
    assert variables(server)["LASTCALL_STATUS_MODE"] == "0644"


def test_every_container_asks_for_processor_time(pod):
    """Else the autoscaler has no share of it to compute."""
    assert all(each["resources"]["requests"]["cpu"] for each in pod["containers"] + pod["initContainers"])


def test_the_pod_is_given_longer_than_it_drains(pod):
    words = container(pod, "server")["lifecycle"]["preStop"]["exec"]["command"]
    over, within = (int(words[words.index(option) + 1].removesuffix("s")) for option in ("--over", "--within"))
    assert "--wait" in words and over < within
    assert pod.get("terminationGracePeriodSeconds", 30) >= within + 20


def test_ours_run_restricted_as_whatever_user_the_namespace_gives(pod):
    """OpenShift's restricted-v2 refuses any fixed user."""
    for name in ("lastcall", SIDECAR):
        context = container(pod, name)["securityContext"]
        assert "runAsUser" not in context and context["runAsNonRoot"]
        assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
