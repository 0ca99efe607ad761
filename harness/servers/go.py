"""Servers in Go: net/http built in every way, the frameworks of the articles, Debian's, and npm's.

Static ones have no loader, so that `lastcall run` starts them; dynamic ones are preloaded as any other.
"""

from dataclasses import dataclass, replace

from go import building, npm
from servers.description import HALF_CLOSE_RACES, Backend, Log, Server, app_environment

# esbuild leaves when its input ends, so it gets one that never does.
OPEN_INPUT = ("sh", "-c", 'mkfifo input && exec "$@" <>input', "sh")


@dataclass(frozen=True)
class GoServer(Server):
    more: tuple = ()  # more paths whose answers are the same at any time
    heavy: bool = False  # its build, its package or its start takes long: for make suites
    old: bool = False  # by a Go before 1.19, which made its system calls in other words


LEFT = {HALF_CLOSE_RACES: "it takes a half-closed client for one that left"}


# ---- Ours --------------------------------------------------------------------------------------


def ours(name, program, variant="static", needs=(), packages=(), **facts):
    facts = {"environment": app_environment, "count": Log("stderr"), "quirks": LEFT,
             "by_run": not building.VARIANTS[variant].dynamic, "chunks": "/chunks", "post": "/length",
             "length": "/length", "continues": True, "fast": True, "more": ("/hello",), **facts}
    return GoServer(name, packages=("golang-go", *packages), needs=("go", *needs),
                    command=lambda place: [str(building.built(program, variant))], **facts)


def nethttp(variant, **facts):
    return ours(f"go-{variant}", "nethttp", variant, upgrades=True, tunnels=True, **facts)


def framework(name, path, package, **facts):
    return ours(f"go-{name}", name, "stripped", (building.library(path),), (package,), **facts)


def proxied(place):
    return {**app_environment(place), "BACKEND_PORT": str(place.backend_port)}


static, cgo, pie = nethttp("static"), nethttp("cgo"), nethttp("pie")
gorilla = framework("websocket", "github.com/gorilla/websocket", "golang-github-gorilla-websocket-dev",
                    count=None, chunks=None, length=None, more=())

built = [
    static, nethttp("stripped"), nethttp("cgo-static"), nethttp("static-pie", heavy=True),
    cgo, pie, nethttp("cgo-pie", heavy=True), nethttp("race", heavy=True),
    replace(cgo, name="go-cgo-by-run", by_run=True), replace(pie, name="go-pie-by-run", by_run=True),
    framework("gin", "github.com/gin-gonic/gin", "golang-github-gin-gonic-gin-dev"),
    framework("echo", "github.com/labstack/echo", "golang-github-labstack-echo-dev"),
    framework("fasthttp", "github.com/valyala/fasthttp", "golang-github-valyala-fasthttp-dev"),
    ours("go-proxy", "proxy", environment=proxied, backend=True, count=Backend(), more=()),
    gorilla,
]


# ---- Debian's ----------------------------------------------------------------------------------


# Without its certificate authority, which it would add to those that the machine trusts.
CADDYFILE = """
{{
    admin off
    auto_https off
    skip_install_trust
}}
http://:{place.port} {{
    bind 127.0.0.1
    {what}
}}
"""


def caddy(name, what, **facts):
    def command(place):
        text = CADDYFILE.format(place=place, what=what.format(place=place))
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(place.write("Caddyfile", text))]
    return GoServer(name, packages=("caddy",), needs=("caddy",), command=command,
                    environment=app_environment, quirks=LEFT, fast=True, **facts)


def prometheus(place):
    settings = place.write("prometheus.yml", "global: {scrape_interval: 1h}\n")
    return ["prometheus", f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{place.port}",
            f"--storage.tsdb.path={place.scratch / 'data'}"]


packaged = [
    caddy("go-caddy", "root * {place.www}\n    file_server"),
    caddy("go-caddy-proxy", "reverse_proxy 127.0.0.1:{place.backend_port}", backend=True,
          count=Backend(), chunks="/chunks", post="/length", length="/length"),
    GoServer("go-prometheus", packages=("prometheus",), needs=("prometheus",), command=prometheus,
             environment=app_environment, quirks=LEFT, fast=True, small="/-/healthy", big=None,
             huge=None, more=("/classic/static/css/graph.css",)),
]


# ---- npm's: nobody here built them -------------------------------------------------------------


def serving(esbuild):
    return lambda place: [esbuild(), f"--serve=127.0.0.1:{place.port}", f"--servedir={place.www}"]


def esbuild(version, by):
    return GoServer(f"esbuild-{version}-go{by}", packages=("npm",), needs=("npm",),
                    command=serving(lambda: npm.esbuild(version)), environment=app_environment,
                    by_run=True, wrap=OPEN_INPUT, quirks=LEFT, fast=True, old=by < "1.19")


def kubernetes_mcp(place):
    """With a cluster that is not there, it serves what needs none."""
    nowhere = place.write("nowhere", "{apiVersion: v1, kind: Config, current-context: none,\n"
                          " clusters: [{name: none, cluster: {server: 'http://127.0.0.1:1'}}],\n"
                          " contexts: [{name: none, context: {cluster: none, user: none}}],\n"
                          " users: [{name: none, user: {}}]}\n")
    return [npm.other("kubernetes-mcp-server-linux-amd64"), "--port", str(place.port), "--stateless",
            "--bind-address", "127.0.0.1", "--cluster-provider", "disabled",
            "--kubeconfig", str(nowhere)]


fetched = [esbuild(version, by) for version, by in npm.ESBUILDS.items()]
others = [GoServer("kubernetes-mcp-server", packages=("npm",), needs=("npm",), command=kubernetes_mcp,
                   environment=app_environment, by_run=True, quirks=LEFT, fast=True, heavy=True,
                   small="/healthz", big=None, huge=None)]
newest = GoServer("esbuild-newest", packages=("npm",), needs=("npm",), environment=app_environment,
                  command=serving(npm.newest_esbuild), by_run=True, wrap=OPEN_INPUT, quirks=LEFT,
                  fast=True, heavy=True)

every = built + packaged + fetched + others

servers = [static, cgo]  # one that the command starts and one that is preloaded, for every test there is
