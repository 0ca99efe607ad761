"""The servers: one file each, or one per family that shares its start-up, found by their names.

A description says how a server starts, what it can do and where it is odd, as data with a reason.
It asserts nothing and knows neither the library nor the tests.
"""

import importlib
import pkgutil


def described():
    found = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found += getattr(importlib.import_module(f"servers.{module.name}"), "servers", [])
    return found


ALL = described()
NAMED = {server.name: server for server in ALL}
FOLLOWED = [server for server in ALL if server.followed]
UNSEEN = [server for server in ALL if not server.followed]


def those(predicate):
    return [server for server in FOLLOWED if predicate(server)]
