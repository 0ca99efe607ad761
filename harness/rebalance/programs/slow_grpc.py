"""grpcio's server as its manual starts it: a thread for each call in work, and the others wait in it.

Whatever method is called sleeps and answers the instance's name and which connection the call came
on; no client can tell that by itself. Each call that is begun is noted in a file by its request, so
that what was executed is known from here and not from the answers.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

NAME = open(os.environ["INSTANCE"], "rb").read().strip()
SERVICE = float(os.environ["SERVICE"])
EXECUTED = os.open(os.environ["EXECUTED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def answer(request, context):
    os.write(EXECUTED, request + b"\n")
    time.sleep(SERVICE)
    return NAME + b" " + context.peer().encode()


class AnyMethod(grpc.GenericRpcHandler):
    def service(self, _):
        return grpc.unary_unary_rpc_method_handler(answer)


server = grpc.server(ThreadPoolExecutor(int(os.environ["WORKERS"])), handlers=[AnyMethod()])
server.add_insecure_port(f"{os.environ['ADDRESS']}:{os.environ['PORT']}")
server.start()
server.wait_for_termination()
