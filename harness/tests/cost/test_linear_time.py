"""Twice the bytes cost the followers no more than twice the instructions, whatever the bytes say.

Counted by callgrind, so that neither the clock nor the machine's load has a word. The shapes are in
tests/linear/driver.cpp.
"""

import re
import subprocess
from collections import defaultdict

import pytest

SIZE = 4_096
MOST = 2.1

# Of a byte that is only counted or passed on, whole: nothing grows but what is fixed.
FIXED = 3_000


pytestmark = pytest.mark.timeout(700)  # callgrind is slow, and the machine may be busy


@pytest.fixture(scope="module")
def instructions(library, tmp_path_factory):
    """By side, shape and cut: the instructions for SIZE bytes and for twice as many."""
    folder = tmp_path_factory.mktemp("callgrind")
    driver = library.parent / "linear"
    assert driver.exists(), f"no {driver}: run make harness, which builds it"
    subprocess.run(["valgrind", "--tool=callgrind", "--combine-dumps=no",
                    f"--callgrind-out-file={folder}/out", str(driver), str(SIZE)],
                   check=True, capture_output=True, timeout=600)
    counted = defaultdict(dict)
    for file in folder.iterdir():
        text = file.read_text()
        if label := re.search(r"desc: Trigger: Client Request: (.*), (\d+)$", text, re.M):
            total = re.search(r"^(?:summary|totals): (\d+)", text, re.M)
            counted[label[1]][int(label[2])] = int(total[1])
    return counted


def test_twice_the_bytes_cost_at_most_twice_the_instructions(instructions):
    assert len(instructions) > 80
    grown = {name: counts[2 * SIZE] / counts[SIZE] for name, counts in instructions.items()
             if counts[2 * SIZE] > FIXED}
    assert grown
    assert not {name: ratio for name, ratio in grown.items() if ratio > MOST}


def test_no_shape_costs_many_times_what_plain_fields_cost(instructions):
    """Cost per byte is flat across shapes too: nothing is a lever against the server."""
    for side in ("request", "response"):
        cut = "byte by byte"
        fields = {"request": "fields", "response": "response fields"}[side]
        plain = instructions[f"{side}, {fields}, {cut}"][SIZE]
        dear = {name: counts[SIZE] / plain for name, counts in instructions.items()
                if name.startswith(side) and name.endswith(cut) and counts[SIZE] > 6 * plain}
        assert not dear
