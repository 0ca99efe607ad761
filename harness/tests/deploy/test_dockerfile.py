"""deploy/kubernetes/Dockerfile: its steps, carried out in a Debian of their own, make an image of our files.

Knows the few instructions that it uses, and no Docker. The base image is what debootstrap makes.
"""

import re
import shutil
import subprocess

import pytest

from conftest import REPOSITORY
from support.pods import DEPLOY
from support.shipped import SHIPPED, SYSTEMS, VERSION, files, fresh, run

DOCKERFILE = DEPLOY / "Dockerfile"
MACHINES = {"amd64": "X86-64", "arm64": "AArch64"}


def instructions():
    """(word, the rest), continued lines joined."""
    text = re.sub(r"\\\n", "", re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.M))
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def stages():
    found = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def test_the_image_is_ours_alone_and_nobody_special():
    build, last = stages()
    assert last[0] == ("FROM", "scratch") and ("USER", "65532:65532") in last
    assert all(rest.startswith("--from=build ") for word, rest in last if word == "COPY")
    assert ("ARG", "TARGETARCH") in build and "--platform=$BUILDPLATFORM" in build[0][1]
    assert {word for word, _ in build} == {"FROM", "ARG", "RUN", "COPY"}


def source(folder):
    """What a clone has, as COPY . takes it."""
    shutil.copytree(REPOSITORY, folder, symlinks=True,
                    ignore=shutil.ignore_patterns("build", ".git", "__pycache__", ".pytest_cache"))


@pytest.fixture
def debian(tmp_path):
    with fresh(SYSTEMS[0], tmp_path) as made:
        yield made


@pytest.mark.suites
@pytest.mark.xdist_group("dist")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("arch", MACHINES)
def test_its_steps_make_the_image_for_either_machine(debian, arch):
    shutil.copy("/etc/resolv.conf", debian / "etc" / "resolv.conf")
    inside = ["chroot", debian, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", f"TARGETARCH={arch}",
              "DEBIAN_FRONTEND=noninteractive"]
    build, last = stages()
    run("mount", "-t", "proc", "none", debian / "proc")
    try:
        for word, rest in build:
            if word == "COPY":
                assert rest == ". /src"
                source(debian / "src")
            if word == "RUN":
                run(*inside, "sh", "-c", rest, timeout=2500)
    finally:
        subprocess.run(["umount", debian / "proc"], check=True, timeout=60)
    image = debian / "image"
    image.mkdir()
    for rest in [rest for word, rest in last if word == "COPY"]:
        _, wanted, target = rest.split()
        (image / target.strip("/")).parent.mkdir(parents=True, exist_ok=True)
        run("cp", "-a", f"{debian}{wanted}" + ("." if wanted.endswith("/") else ""), f"{image}{target}")
    assert {name.partition("/")[2] for name in files(image) if name.startswith("bin/")} == SHIPPED
    assert {"licenses/LICENSE", "licenses/copyright"} <= files(image)
    for name in SHIPPED:
        told = run("readelf", "-hSW", image / "bin" / name)
        assert MACHINES[arch] in told and ".debug_info" not in told
    if arch == "amd64":
        assert run(image / "bin" / "lastcall", "--version") == f"lastcall {VERSION}\n"
