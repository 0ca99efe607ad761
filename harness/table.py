"""Prints the table of servers that the tests run, with the versions on this machine, as Markdown.

Knows what the descriptions say and what dpkg says; `make servers` puts nothing into the README.
"""

import subprocess

from servers import ALL


def version(package):
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                           capture_output=True, text=True)
    return asked.stdout.split("-")[0].split(":")[-1] if asked.returncode == 0 else "not here"


def row(server):
    packages = ", ".join(f"{package} {version(package)}" for package in server.packages)
    return f"| {server.name} | {packages} | {'followed' if server.followed else 'left alone'} |"


def main():
    print("| server | package | under lastcall |\n|---|---|---|")
    for server in sorted(ALL, key=lambda server: (not server.followed, server.name)):
        print(row(server))


if __name__ == "__main__":
    main()
