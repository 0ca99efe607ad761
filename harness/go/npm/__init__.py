"""Go servers that nobody here built: executables as npm ships them, exactly pinned.

esbuild is rebuilt with every Go that comes out, so that its versions are a history of Go's.
"""

from pathlib import Path

from support import npm

HERE = Path(__file__).resolve().parent
NEWEST = "@esbuild/linux-x64"

# The version, and the Go that built it.
ESBUILDS = {
    "0.8.57": "1.16", "0.12.29": "1.17.1", "0.13.15": "1.17.2", "0.14.48": "1.18.3", "0.14.54": "1.19",
    "0.15.18": "1.19.3", "0.16.17": "1.19.4", "0.17.19": "1.20.4", "0.19.12": "1.20.12",
    "0.23.1": "1.22.5", "0.24.2": "1.23.1", "0.25.12": "1.23.12", "0.27.7": "1.25.7",
    "0.28.2": "1.26.5",
}

# Of those, the ones for aarch64: what has to be forced is that npm takes them on another machine.
ARM64 = {"0.18.20": "1.20.7", "0.25.12": "1.23.12", "0.28.2": "1.26.5"}


def esbuild(version):
    return str(npm.modules(HERE / "esbuild", "go/esbuild") / f"esbuild-{version}" / "bin" / "esbuild")


def esbuild_arm64(version):
    folder = npm.modules(HERE / "esbuild-arm64", "go/esbuild-arm64", "--force")
    return str(folder / f"esbuild-{version}" / "bin" / "esbuild")


def newest_esbuild():
    return str(npm.newest(NEWEST, "go/newest") / "bin" / "esbuild")


def other(package):
    return str(npm.modules(HERE / "others", "go/others") / package / "bin" / package)
