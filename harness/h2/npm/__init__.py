"""The packages of npm that the tests of HTTP/2 use: grpc-js."""

from pathlib import Path

from support import npm


def modules():
    """The folder for NODE_PATH."""
    return str(npm.modules(Path(__file__).resolve().parent, "h2-npm"))
