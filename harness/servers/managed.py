"""node (alone and as a cluster), the JDK's own server, and Go, which the library cannot see."""

import os

from servers.description import (HALF_CLOSE_RACES, PROGRAMS, Log, Server, app_environment,
                                 program, run_build)


def node(*policy):
    return lambda place: ["node", program("node_server.js"), *policy]


def jdk(place):
    if not (place.build / "Jdk.class").exists():
        run_build(["javac", "-d", str(place.build), program("Jdk.java")])
    return ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", str(place.build), "Jdk"]


def go(name, cgo, *sources):
    def command(place):
        target = place.build / name
        if not target.exists():
            build_go(target, cgo, sources)
        return [str(target)]
    return command


def build_go(target, cgo, sources):
    run_build(["go", "build", "-o", str(target), *sources], cwd=PROGRAMS,
              env={**os.environ, "CGO_ENABLED": cgo, "GO111MODULE": "off", "GOFLAGS": ""})


def node_server(name, *policy, **facts):
    return Server(name, packages=("nodejs",), needs=("node",), command=node(*policy),
                  environment=app_environment, count=Log("stderr"), chunks="/chunks",
                  post="/length", length="/length", early="/early", continues=True, upgrades=True,
                  tunnels=True, quirks=LEFT, **facts)


LEFT = {HALF_CLOSE_RACES: "it takes a half-closed client for one that left"}


def go_server(name, cgo, *sources):
    return Server(name, packages=("golang-go",), needs=("go",), command=go(name, cgo, *sources),
                  environment=app_environment, followed=False)


servers = [
    node_server("node"),
    node_server("node-cluster-rr", "rr", notices=3),
    node_server("node-cluster-none", "none", notices=3),
    Server("jdk", packages=("openjdk-17-jdk-headless",), needs=("java", "javac"), command=jdk,
           environment=app_environment, count=Log("stderr"), chunks="/chunks", post="/length",
           length="/length", continues=True),
    go_server("go-static", "0", "files.go"),
    go_server("go-cgo", "1", "files.go", "cgo.go"),
]
