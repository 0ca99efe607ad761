"""Jetty and Tomcat, each with both protocols on one port; a handler of ours answers."""

from h2 import building
from h2.servers.description import H2Server, environment
from servers.description import Log

JETTY = ["servlet-api", *(f"jetty9-{part}" for part in ("http", "io", "server", "util", "http2-common",
                                                       "http2-hpack", "http2-server"))]
TOMCAT = [f"tomcat10-{part}" for part in (
    "catalina", "coyote", "juli", "servlet-api", "util", "util-scan", "annotations-api", "jni", "api",
    "jaspic-api")]


def server(name, jars, program, packages, **facts):
    return H2Server(name, packages=("openjdk-17-jdk-headless", *packages),
                    needs=("javac", *(f"{building.JARS}/{jar}.jar" for jar in jars)),
                    command=lambda place: building.java(place.build, program, jars),
                    environment=environment, count=Log("stderr"), post="/length", length="/length",
                    http1=True, upgrades_h2c=True, heavy=True, **facts)


servers = [
    server("h2-jetty", JETTY, "JettyServer", ("libjetty9-java", "libservlet-api-java"),
           whole_preface=True),
    server("h2-tomcat", TOMCAT, "TomcatServer", ("libtomcat10-java",), leaves_on_goaway=True,
           whole_preface=True, no_trailers=True),
]
