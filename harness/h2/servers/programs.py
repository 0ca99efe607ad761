"""Servers whose handlers are ours: node's http2, hypercorn, and gRPC in Python.

Each writes a line to standard error for every stream that it executed.
"""

from h2.building import program
from h2.servers.description import H2Server, environment, grpc_server
from servers.description import PYTHON, Log

servers = [
    H2Server("h2-node", packages=("nodejs",), needs=("node",),
             command=lambda place: ["node", program("http2_server.js")], environment=environment,
             count=Log("stderr"), post="/length", length="/length", chat="/chat",
             long_heads="/long-heads", pushes="/push", post_answered_early="/early"),
    H2Server("h2-hypercorn", packages=("python3-hypercorn",), needs=("hypercorn",),
             command=lambda place: ["hypercorn", "-b", f"127.0.0.1:{place.port}", "-w", "1",
                                    "--graceful-timeout", "0", "http2_asgi:app"],
             environment=environment, count=Log("stderr"), post="/length", length="/length",
             chat="/chat", http1=True, upgrades_h2c=True, leaves_on_goaway=True),
    grpc_server("grpc-python", packages=("python3-grpcio",), needs=("python:grpc",),
                command=lambda place: [PYTHON, program("grpc_server.py")],
                environment=environment, count=Log("stderr")),
]
