"""gRPC's C core as Python has it: the service of grpc_service.txt by generic handlers."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

WWW = Path(os.environ["WWW"])
small, big = ((WWW / name).read_bytes() for name in ("small.txt", "big.bin"))


def counted(name, method):
    def call(request, context):
        sys.stderr.write(f"{name} {context.peer().rpartition(':')[2]}\n")
        return method(request)
    return call


def chat(requests):
    yield from requests


unary = {"Small": lambda request: small, "Big": lambda request: big,
         "Length": lambda request: str(len(request)).encode()}
methods = {name: grpc.unary_unary_rpc_method_handler(counted(name, method))
           for name, method in unary.items()}
methods["Chat"] = grpc.stream_stream_rpc_method_handler(counted("Chat", chat))

options = [("grpc.max_receive_message_length", -1)]
if "OWN_AGE_MS" in os.environ:
    options.append(("grpc.max_connection_age_ms", int(os.environ["OWN_AGE_MS"])))
server = grpc.server(ThreadPoolExecutor(24), options=options)
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("lastcall.Test", methods)])
server.add_insecure_port(f"127.0.0.1:{os.environ['PORT']}")
server.start()
server.wait_for_termination()
