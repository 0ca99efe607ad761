"""Prints the table of servers that the tests run, with the versions on this machine, as Markdown.

Knows what the descriptions say and what dpkg says; `make servers` puts nothing into the README.
"""

import subprocess

from h2 import servers as h2
from servers import ALL


def version(package):
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                           capture_output=True, text=True)
    return asked.stdout.split("-")[0].split(":")[-1] if asked.returncode == 0 else "not here"


def leaves_alone(server):
    return not getattr(server, "followed", True)


def row(server):
    packages = ", ".join(f"{package} {version(package)}" for package in server.packages)
    return f"| {server.name} | {packages} | {'left alone' if leaves_alone(server) else 'followed'} |"


def main():
    print("| server | package | under lastcall |\n|---|---|---|")
    for server in sorted(ALL + h2.ALL, key=lambda server: (leaves_alone(server), server.name)):
        print(row(server))


if __name__ == "__main__":
    main()
