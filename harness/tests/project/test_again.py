"""What is repeated of a run that failed, and what that changes; on runs that are only told."""

import pytest

import again
from conftest import without_group

CRASHED = 3
TESTS = [f"test_{number}" for number in range(again.FEW + 1)]


@pytest.fixture
def outcome(monkeypatch):
    """outcome(failed, alone): the exit status when these failed together and alone came to that."""
    def judge(status, failed, alone=()):
        told = iter([(status, failed), *((each, []) for each in alone)])
        monkeypatch.setattr(again, "run", lambda *how: next(told))
        return again.main("a library")
    return judge


STEADY = [again.PASSED] * again.TIMES


@pytest.mark.parametrize("status, failed, alone, expected", [
    (again.PASSED, [], [], again.PASSED),
    (again.FAILED, TESTS[:1], STEADY, again.PASSED),
    (again.FAILED, TESTS[:-1], STEADY * again.FEW, again.PASSED),
    (again.FAILED, TESTS[:1], [*STEADY[1:], again.FAILED], again.FAILED),
    (again.FAILED, TESTS[:2], [*STEADY, again.FAILED], again.FAILED),
    (again.FAILED, TESTS[:1], [CRASHED], again.FAILED),
    (again.FAILED, TESTS, [], again.FAILED),
    (again.FAILED, [], [], again.FAILED),
    (CRASHED, TESTS[:1], [], CRASHED),
])
def test_a_few_that_pass_alone_pass(outcome, status, failed, alone, expected):
    assert outcome(status, failed, alone) == expected


@pytest.mark.parametrize("nodeid, name", [
    ("test_x.py::test_a", "test_x.py::test_a"),
    ("test_x.py::test_a[one two]@nginx", "test_x.py::test_a[one two]"),
    ("test_x.py::test_a@nginx", "test_x.py::test_a"),
    ("test_x.py::test_a[user@host]", "test_x.py::test_a[user@host]"),
])
def test_a_failure_is_told_by_a_name_that_can_be_run(nodeid, name):
    assert without_group(nodeid) == name
