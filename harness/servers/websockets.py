"""Servers that echo websocket messages. They serve nothing else, so few of the tests are for them."""

from servers.description import PYTHON, Server, app_environment, program

NODE_MODULES = "/usr/share/nodejs"  # Debian's; a node of other origin does not look there


def python(place):
    return [PYTHON, program("websocket_echo.py")]


def node(place):
    return ["node", program("websocket_echo.js")]


def node_environment(place):
    return app_environment(place) | {"NODE_PATH": NODE_MODULES}


echoing = [
    Server("python-websockets", packages=("python3-websockets",), needs=("python:websockets",),
           command=python, environment=app_environment),
    Server("node-ws", packages=("nodejs", "node-ws"), needs=("node", f"{NODE_MODULES}/ws"),
           command=node, environment=node_environment),
]
