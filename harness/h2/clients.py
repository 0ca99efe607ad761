"""The clients that load the servers, a row each; their programs are in programs/.

Quick ones need no more than make test has; the others are for make suites.
"""

import re
import subprocess

from h2 import building, npm
from h2.building import program
from h2.load import Client
from servers.description import PYTHON

NETTY = [f"netty-{part}" for part in (
    "buffer", "codec", "codec-http", "codec-http2", "common", "handler", "handler-proxy",
    "resolver", "transport", "transport-native-unix-common")]
GRPC_JAVA = ["grpc-api", "grpc-core", "grpc-netty", "grpc-stub", "grpc-context", "guava",
             "failureaccess", "opencensus-api", "perfmark-api", *NETTY]
JETTY = ["servlet-api", *(f"jetty9-{part}" for part in (
    "http", "io", "util", "client", "alpn-client", "http2-common", "http2-hpack", "http2-client",
    "http2-http-client-transport"))]
JAVA_PACKAGES = ("openjdk-17-jdk-headless", "libgrpc-java", "libnetty-java", "libperfmark-java",
                 "libguava-java", "libopencensus-java")


def takes_goaway_for_the_end():
    """17.0.15 did, and failed what was in flight; 17.0.21 does not."""
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, timeout=60).stderr
    version = re.search(r'"(\d+)\.(\d+)\.(\d+)', told)
    old = version and tuple(map(int, version.groups())) <= (17, 0, 15)
    return f"this JDK takes every GOAWAY for the end of the connection: {version[0]}" if old else ""


GRPC = ("grpc-python", "grpc-c++", "grpc-go")
HTTP2 = ("h2-node",)
UPGRADING = ("h2-tomcat",)

QUICK = [
    Client("grpc-python", ("python3-grpcio",), ("python:grpc",),
           lambda build: [PYTHON, program("grpc_client.py")], GRPC),
    Client("node", ("nodejs",), ("node",), lambda build: ["node", program("http2_client.js")], HTTP2),
]

HEAVY = [
    Client("grpc-c++", ("libgrpc++-dev",), ("/usr/include/grpcpp/grpcpp.h",),
           lambda build: building.cxx(build, "grpc_client.cc"), GRPC, heavy=True),
    Client("grpc-go", ("golang-go", "golang-google-grpc-dev"),
           ("go", f"{building.GO_PATH}/src/google.golang.org/grpc"),
           lambda build: building.go(build, "grpc_client.go"), GRPC, heavy=True,
           lowest=50),  # as grpc-java below, if more rarely: one in 30 000 at 20, ten at once
    Client("grpc-ruby", ("ruby-grpc",), ("ruby:grpc",),
           lambda build: ["ruby", program("grpc_client.rb")], GRPC, heavy=True),
    Client("grpc-js", ("nodejs", "npm"), ("node", "npm"),
           lambda build: ["node", program("grpc_client.js")], GRPC,
           environment=lambda build: {"NODE_PATH": npm.modules()}, heavy=True),
    Client("grpc-java", JAVA_PACKAGES, ("javac", f"{building.JARS}/grpc-netty.jar",
                                        f"{building.JARS}/netty-codec-http2.jar"),
           lambda build: building.java(build, "GrpcClient", GRPC_JAVA), GRPC, leaves=False, heavy=True,
           lowest=50),  # it sends again once: a call that meets two GOAWAYs in a row fails
    Client("go", ("golang-go", "golang-golang-x-net-dev"),
           ("go", f"{building.GO_PATH}/src/golang.org/x/net/http2"),
           lambda build: building.go(build, "http2_client.go"), HTTP2, heavy=True),
    Client("jdk", ("openjdk-17-jdk-headless",), ("javac",),
           lambda build: building.java(build, "JdkClient", []), UPGRADING, long="none",
           leaves=False, heavy=True,
           unfit=takes_goaway_for_the_end),
    Client("jetty", ("openjdk-17-jdk-headless", "libjetty9-java", "libservlet-api-java"),
           ("javac", f"{building.JARS}/jetty9-http2-client.jar"),
           lambda build: building.java(build, "JettyClient", JETTY), HTTP2, leaves=False, heavy=True),
    Client("hyper", ("cargo", "librust-hyper-dev", "librust-tokio-dev"),
           ("cargo", "/usr/share/doc/librust-hyper-dev", "/usr/share/doc/librust-tokio-dev"),
           lambda build: building.cargo(build, "hyper_client"), HTTP2, heavy=True,
           loses=10),  # 0.14.19 a call that it opens as GOAWAY comes; 200 to 750 with node's own limit
]

ALL = QUICK + HEAVY
