"""A gRPC client by the C core as Python has it: see grpc_service.txt for what it is told and prints."""

import json
import queue
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc

address, requests, clients = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
fixed = int(sys.argv[4]) if len(sys.argv) > 4 else None
PATIENCE = 60
channel = grpc.insecure_channel(address)
length = channel.unary_unary("/lastcall.Test/Length")
words = queue.Queue()
chat = channel.stream_stream("/lastcall.Test/Chat")(iter(words.get, None))
errors = Counter()


def echoed(word):
    words.put(word)
    return next(chat) == word


def call(number):
    size = number % 100 if fixed is None else fixed
    try:
        assert length(b"x" * size, timeout=PATIENCE) == str(size).encode()
        return 1
    except Exception as error:
        errors[str(error)[:200]] += 1
        return 0


def long_one():
    try:
        words.put(None)
        return "whole" if list(chat) == [] else "words too many"
    except grpc.RpcError as error:
        return str(error)[:200]


assert echoed(b"first")
with ThreadPoolExecutor(clients) as pool:
    ok = sum(pool.map(call, range(requests)))
last = echoed(b"last")
print(json.dumps({"ok": ok, "failed": requests - ok, "errors": errors,
                  "long": long_one() if last else "no echo"}), flush=True)
sys.stdin.read()
