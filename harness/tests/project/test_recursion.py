"""No function of the guest leads to itself: it lives on stacks that are not its own, of which it may
know nothing, or, in a Go program, on one of a size it has chosen.

Knows objdump's way of writing calls and jumps. A call by way of a pointer is not seen.
"""

import re
import shutil
import subprocess
from bisect import bisect_right

import pytest

START = re.compile(r"^([0-9a-f]+) <([^>]+)>:$", re.M)
LEADS = re.compile(r"^\s*([0-9a-f]+):\s+(call|j\w+|bl?|b\.\w+|cbn?z|tbn?z)\s+(?:\S+,\s*)*(?:0x)?([0-9a-f]+) <", re.M)
CALLS = {"call", "bl"}


def code(file):
    if not shutil.which("objdump"):
        pytest.skip("install binutils for objdump")
    done = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", str(file)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def graph(text):
    """function → those it calls or jumps to, and the pairs of which the one calls the other"""
    names = {int(place, 16): name for place, name in START.findall(text)}
    starts = sorted(names)

    def function(place):
        return starts[bisect_right(starts, int(place, 16)) - 1]

    leads, calls = {start: set() for start in starts}, set()
    for place, how, target in LEADS.findall(text):
        pair = function(place), function(target)
        leads[pair[0]].add(pair[1])
        if how in CALLS:
            calls.add(pair)
    return names, leads, calls


def reached(leads, start):
    found, todo = set(), [start]
    while todo:
        for target in leads[todo.pop()] - found:
            found.add(target)
            todo.append(target)
    return found


def recursions(text):
    """Calls that may come back to who makes them: names of both."""
    names, leads, calls = graph(text)
    return sorted((names[caller], names[called]) for caller, called in calls
                  if caller == called or caller in reached(leads, called))


@pytest.mark.parametrize("name", ["liblastcall.so", "liblastcall-go.so"])
def test_no_function_leads_to_itself(library, name):
    text = code(library.with_name(name))
    assert len(graph(text)[2]) > 100
    assert recursions(text) == []


def test_what_leads_to_itself_is_found():
    text = """
0000000000001000 <a>:
    1000:	jmp    1010 <b>
    1005:	ret
0000000000001010 <b>:
    1010:	test   %eax,%eax
    1012:	je     1020 <b.cold>
    1014:	call   1030 <c>
0000000000001020 <b.cold>:
    1020:	jmp    1014 <b+0x4>
0000000000001030 <c>:
    1030:	jne    1000 <a>
"""
    assert recursions(text) == [("b", "c")]
    assert recursions(text.replace("1000 <a>\n", "1035 <c+0x5>\n")) == []
    assert recursions(text.replace("jne    1000 <a>", "call   1030 <c>")) == [("c", "c")]
