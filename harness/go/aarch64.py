"""Go servers for aarch64, under qemu-user: as they are, and as copies that begin in the guest.

qemu-user traces nobody, so `lastcall run` cannot bring the guest in. Knows how they are built, fetched
and started. Refuses to know what is asked of them.
"""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

from go import elf, interpreted, npm
from servers import go

# What is preloaded is for this machine's own programs, and an emulated server's children are those.
EMULATOR = ("qemu-aarch64-static", "-U", "LD_PRELOAD")

nethttp = go.ours("go-arm64", "nethttp", "arm64", ("qemu-aarch64-static",), ("qemu-user-static",),
                  by_run=False, wrap=EMULATOR)


def esbuild(version):
    return go.GoServer(f"esbuild-arm64-{version}", ("npm", "qemu-user-static"),
                       ("npm", "qemu-aarch64-static"), go.serving(lambda: npm.esbuild_arm64(version)),
                       go.app_environment, quirks=go.LEFT, wrap=(*go.OPEN_INPUT, *EMULATOR))


esbuilds = [esbuild(version) for version in npm.ARM64]


def beginning_in(guest, server, folder):
    """The same server, by a copy of its program."""
    def command(place):
        program, *words = server.command(place)
        copy = folder / Path(program).name
        if not copy.exists():
            interpreted.write(Path(program), guest, copy)
        return [str(copy), *words]
    return replace(server, command=command)


# ---- The place that is patched, and what must not be in the guest ------------------------------

# ldr x8, x0 to x5 from the stack; svc; cmn
SIGNATURE = bytes.fromhex("e80740f9e00b40f9e10f40f9e21340f9e31740f9e41b40f9e51f40f9010000d41ffc3fb1")
CALL = bytes.fromhex("010000d4")
OTHER_CALL = bytes.fromhex("210000d4")  # svc #1, by which Linux is called as well


def places(data):
    return [start + at.start() for start, end in elf.executable_segments(data)
            for at in re.finditer(re.escape(SIGNATURE), data[start:end])]


def in_other_words(data):
    at, = places(data)
    return elf.replaced(data, at + SIGNATURE.index(CALL), OTHER_CALL)


def instructions(path):
    """What objdump makes of it, a line each."""
    done = subprocess.run(["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", str(path)],
                          capture_output=True, text=True, timeout=120, check=True)
    return [line.split("\t", 1)[1] for line in done.stdout.splitlines() if "\t" in line]
