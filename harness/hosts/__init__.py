"""Hosts: C programs that call libc in chosen ways, and what builds, runs and compares them."""

import pytest

pytest.register_assert_rewrite("hosts.running")
