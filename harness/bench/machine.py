"""What was measured on: a few words about this machine and the programs that took part."""

import os
import platform
import re
import subprocess
from pathlib import Path

PACKAGES = ("nginx-light", "haproxy", "lighttpd", "nghttp2-server", "nghttp2-client", "wrk", "valgrind",
            "libc6", "g++")


def processor():
    name = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return name[1] if name else platform.machine()


def version(package):
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                           capture_output=True, text=True)
    return asked.stdout if asked.returncode == 0 else None


def node():
    asked = subprocess.run(["node", "--version"], capture_output=True, text=True)
    return asked.stdout.strip()


def facts():
    return {"processors": len(os.sched_getaffinity(0)), "processor": processor(),
            "kernel": platform.release(), "python": platform.python_version(), "node": node(),
            **{package: version(package) for package in PACKAGES}}
