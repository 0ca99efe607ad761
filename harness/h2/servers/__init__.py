"""The servers that speak HTTP/2 in clear text: one file each, or one per family.

QUICK ones start in a moment from small packages; the others are for make suites only.
"""

import importlib
import pkgutil


def described():
    found = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found += getattr(importlib.import_module(f"h2.servers.{module.name}"), "servers", [])
    return found


ALL = described()
NAMED = {server.name: server for server in ALL}
QUICK = [server for server in ALL if not server.heavy]
HEAVY = [server for server in ALL if server.heavy]
