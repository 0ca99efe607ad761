"""How the programs of programs/ are found and built: each once, into a folder that is given."""

import os
import shutil
from pathlib import Path

from servers.description import run_build

PROGRAMS = Path(__file__).resolve().parent / "programs"
GRPC = ("-lgrpc++", "-lgrpc", "-lgpr", "-labsl_synchronization")
GO_PATH = "/usr/share/gocode"  # Debian's Go libraries
JARS = "/usr/share/java"
CRATES = "/usr/share/cargo/registry"  # Debian's Rust libraries


def program(name):
    return str(PROGRAMS / name)


def cxx(folder, source):
    target = folder / source.replace(".", "-")
    if not target.exists():
        run_build(["g++", "-std=c++20", "-O1", "-o", str(target), program(source), *GRPC])
    return [str(target)]


def go(folder, source):
    target = folder / source.replace(".", "-")
    if not target.exists():
        run_build(["go", "build", "-o", str(target), program(source)],
                  env={**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": GO_PATH,
                       "GOCACHE": str(folder / "go-cache")})
    return [str(target)]


def java(folder, name, jars):
    """A class by its name, with the jars that it needs."""
    path = ":".join(f"{JARS}/{jar}.jar" for jar in jars)
    if not (folder / f"{name}.class").exists():
        run_build(["javac", "-cp", path, "-d", str(folder), program(f"{name}.java")])
    return ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", f"{path}:{folder}", name]


def cargo(folder, name):
    """A package by its folder, of Debian's crates alone; a copy, since cargo writes beside it."""
    copy = folder / name
    target = copy / "target" / "debug" / name.replace("_", "-")
    if not target.exists():
        shutil.copytree(program(name), copy, dirs_exist_ok=True)
        run_build(["cargo", "build", "--quiet", "--offline",
                   "--config", "source.crates-io.replace-with='debian'",
                   "--config", f"source.debian.directory='{CRATES}'"], cwd=copy)
    return [str(target)]
