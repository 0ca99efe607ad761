"""node (alone and as a cluster), and the JDK's own server."""

from servers.description import HALF_CLOSE_RACES, Log, Server, app_environment, program, run_build


def node(*policy):
    return lambda place: ["node", program("node_server.js"), *policy]


def jdk(place):
    if not (place.build / "Jdk.class").exists():
        run_build(["javac", "-d", str(place.build), program("Jdk.java")])
    return ["java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", str(place.build), "Jdk"]


def node_server(name, *policy, **facts):
    return Server(name, packages=("nodejs",), needs=("node",), command=node(*policy),
                  environment=app_environment, count=Log("stderr"), chunks="/chunks",
                  post="/length", length="/length", early="/early", continues=True, upgrades=True,
                  tunnels=True, quirks=LEFT, **facts)


LEFT = {HALF_CLOSE_RACES: "it takes a half-closed client for one that left"}


servers = [
    node_server("node"),
    node_server("node-cluster-rr", "rr", notices=3),
    node_server("node-cluster-none", "none", notices=3),
    Server("jdk", packages=("openjdk-17-jdk-headless",), needs=("java", "javac"), command=jdk,
           environment=app_environment, count=Log("stderr"), chunks="/chunks", post="/length",
           length="/length", continues=True),
]
