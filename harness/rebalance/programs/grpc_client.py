"""Clients of a gRPC service, each a channel of grpcio: one connection that carries all of its calls.

The same orders and the same lines as pool_client.py, the calls dealt to the channels in turn; a client
has a few of them out at a time, and the others wait in it. A channel opens its connections by itself
and tells nothing of them: which one a call was on, its answer says. Leaves gRPC as it is: no retry
policy, no deadline, a failed call is a failed call.
"""

import asyncio
import itertools
import json
import os
import signal
import sys
import time

import grpc

OPTIONS = [("grpc.use_local_subchannel_pool", 1),  # else channels of a process share connections
           ("grpc.enable_http_proxy", 0)]
TURN = 0.05


def tell(*words):
    sys.stdout.write(" ".join(f"{word:.4f}" if isinstance(word, float) else str(word)
                              for word in words) + "\n")


class Connection:
    def __init__(self, number, opened):
        self.number, self.opened, self.last, self.calls = number, opened, opened, 0


class Client:
    def __init__(self, number, orders, numbers):
        self.number, self.numbers = number, numbers
        self.channel = grpc.aio.insecure_channel(f"ipv4:{orders['address']}:{orders['port']}",
                                                 options=OPTIONS)
        self.call = self.channel.unary_unary(orders["path"])
        self.place = asyncio.Semaphore(orders["at_once"])
        self.due, self.out = set(), {}  # those not answered; of them, sent: due → when
        self.connections, self.held = {}, []

    async def ask(self, due, now):
        self.due.add(due)
        async with self.place:
            sent = self.out[due] = now()
            try:
                answer = await self.call(f"{due:.4f}".encode())
            except grpc.aio.AioRpcError as error:
                tell("fail", due, now(), 0, why(error))
            else:
                self.answered(due, sent, now(), *answer.decode().split())
            del self.out[due]
            self.due.remove(due)
            self.leave()

    def answered(self, due, sent, at, instance, name):
        connection = self.connection((instance, name), sent)
        connection.calls, connection.last = connection.calls + 1, at
        tell("done", due, sent, at, connection.number, instance, 1, 0)

    def connection(self, name, sent):
        """By what the server calls it. The first was open before the beginning; any other was opened
        for the call."""
        if name not in self.connections:
            first = not self.connections
            made = Connection(self.number, -1.0) if first else Connection(next(self.numbers), sent)
            self.connections[name] = made
            self.held.append(made)
            if not first:
                tell("open", sent, made.number)
        return self.connections[name]

    def leave(self):
        """A connection that has a successor is over when no call is out that may be on it."""
        while len(self.held) > 1 and all(sent >= self.held[-1].opened for sent in self.out.values()):
            over = self.held.pop(0)
            tell("close", over.last, over.number, over.calls, "moved")


def why(error):
    """In one word."""
    return "-".join([error.code().name, *(error.details() or "").split()])


class Run:
    def __init__(self, orders):
        self.orders, self.begin = orders, None
        numbers = itertools.count(orders["connections"] + 1)
        self.clients = [Client(each + 1, orders, numbers) for each in range(orders["connections"])]

    def now(self):
        """Seconds since the beginning; before it is known, something before it."""
        return time.monotonic() - self.begin if self.begin else -1.0

    async def wait(self):
        """Until all connections are open and everybody else is as far."""
        await asyncio.gather(*(client.channel.channel_ready() for client in self.clients))
        for client in self.clients:
            tell("open", -1.0, client.number)
        tell("ready")
        sys.stdout.flush()
        self.begin = json.loads(await asyncio.to_thread(sys.stdin.readline))

    async def until(self, moment):
        while (left := moment - self.now()) > 0:
            sys.stdout.flush()
            await asyncio.sleep(min(left, TURN))

    async def run(self):
        await self.wait()
        tasks = []  # asyncio itself does not keep them
        for due, client in zip(self.orders["due"], itertools.cycle(self.clients)):
            await self.until(due)
            tasks.append(asyncio.create_task(client.ask(due, self.now)))
        await self.until(self.orders["end"])
        for task in tasks:
            if task.done():
                task.result()  # a fault of ours is not to pass for silence
        for client in self.clients:
            for due in client.due:
                tell("left", due, int(due in client.out))
        sys.stdout.flush()
        os._exit(0)  # as a process that ends: calls that are out are not cancelled one by one


async def main():
    await Run(json.loads(sys.stdin.readline())).run()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run ends us
    try:
        asyncio.run(main())
    except (BrokenPipeError, ValueError):  # the run is over before it began, or while it went on
        sys.exit(1)
