"""Each tool behind a make target says what it may be asked: ARGS=--help.

Knows which files read options. Refuses to know any of them.
"""

import os
import subprocess
import sys

import pytest

from conftest import HERE as HARNESS

TOOLS = sorted(path.relative_to(HARNESS) for path in HARNESS.glob("**/*.py")
               if "ArgumentParser(" in path.read_text() and path.parts[-2] != "project")


def command(tool):
    """By its name where it lies in a package, and with that, is run as a module."""
    *packages, name = tool.with_suffix("").parts
    packages += [name] if name != "__main__" else []
    return ["-m", ".".join(packages)] if len(tool.parts) > 1 else [str(HARNESS / tool)]


@pytest.mark.parametrize("tool", TOOLS, ids=str)
def test_a_tool_says_what_it_may_be_asked(tool):
    asked = subprocess.run([sys.executable, *command(tool), "--help"], timeout=60, text=True,
                           capture_output=True, cwd=HARNESS.parent,
                           env=os.environ | {"PYTHONPATH": str(HARNESS), "PYTHONDONTWRITEBYTECODE": "1"})
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout.startswith("usage: ") and "--help" in asked.stdout
