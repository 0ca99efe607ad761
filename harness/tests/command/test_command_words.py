"""The command's words: help, near misses, manual and completion say the same; and plan's sums.

Knows that help is printed from the table of options; everything else is held to it.
"""

import json
import re
import shutil
import subprocess

import pytest

from conftest import REPOSITORY
from support.command_pages import Page, command, page  # noqa: F401

SUBCOMMANDS = ["run", "check", "status", "set", "drain", "plan", "install"]


def options(command, subcommand):
    text = command(subcommand, "--help").stdout
    return set(re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", text, re.M))


def test_help_lists_the_subcommands(command):
    for how in ("--help", "-h", "help"):
        done = command(how)
        assert done.returncode == 0
        assert re.findall(r"^  ([a-z]+)  ", done.stdout, re.M)[:7] == SUBCOMMANDS


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_has_help(command, subcommand):
    for how in ("--help", "-h"):
        done = command(subcommand, how)
        assert done.returncode == 0 and done.stdout.startswith(f"usage: lastcall {subcommand} ")


def test_the_version_is_that_of_the_file_and_told_everywhere(command, tmp_path):
    version, released = (REPOSITORY / "VERSION").read_text().split()
    assert command("--version").stdout == f"lastcall {version}\n"
    assert json.loads(command("status", tmp_path, "--json").stdout)["version"] == version
    told = f'lastcall_build_info{{version="{version}"}} 1'
    assert told in command("status", tmp_path, "--prometheus").stdout.splitlines()
    changes = re.findall(r"^## (.*)", (REPOSITORY / "CHANGELOG.md").read_text(), re.M)
    assert f"{version} - {released}" in changes
    deployed = [path.read_text() for path in (REPOSITORY / "deploy").rglob("*") if path.is_file()]
    assert set(re.findall(r"lastcall[:-](\d+\.\d+\.\d+)", "".join(deployed))) == {version}


@pytest.mark.parametrize("words, meant", [
    (["statsu"], "status"), (["--verison"], "--version"), (["drian", "1"], "drain"),
    (["instal", "/"], "install"),
    (["status", "--jsno"], "--json"), (["plan", "--connection", "5"], "--connections")])
def test_an_unknown_word_is_an_error_with_the_near_miss(command, words, meant):
    done = command(*words)
    assert done.returncode == 2 and f"did you mean {meant}?" in done.stderr and not done.stdout


@pytest.mark.parametrize("words, said", [
    (["-v"], "did you mean --version?"), (["-V"], "did you mean --version?"),
    (["version"], "did you mean --version?"),
    (["--requests", "5", "--", "nginx"], "did you mean lastcall run --requests ...?"),
    (["-n5", "nginx"], "did you mean lastcall run -n5 ...?"),
    (["--age=5s", "nginx"], "did you mean lastcall run --age=5s ...?"),
    (["--over", "5s", "12"], "did you mean lastcall drain --over ...?"),
    (["--json"], "did you mean lastcall check or status --json ...?")])
def test_a_word_in_the_wrong_place_is_an_error_that_says_the_right_one(command, words, said):
    done = command(*words)
    assert done.returncode == 2 and said in done.stderr and not done.stdout


def test_no_word_at_all_is_an_error(command):
    done = command()
    assert done.returncode == 2 and "usage" in done.stderr


def test_the_command_needs_no_loader(command):
    """So that it runs in any image."""
    done = subprocess.run(["readelf", "-lW", command.program], capture_output=True, text=True,
                          timeout=60)
    assert "LOAD" in done.stdout and "INTERP" not in done.stdout


# ---- The manual --------------------------------------------------------------------------------


def manual():
    text = (REPOSITORY / "docs" / "lastcall.1").read_text()
    return re.sub(r"\\f[BIR]|\\&", "", text).replace("\\-", "-")


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_the_manual_has_the_options_of_help(command, subcommand):
    section = re.search(rf"^\.SS {subcommand}\n(.*?)(?=^\.S[SH])", manual(), re.S | re.M)
    listed = set(re.findall(r"^(?:-\w, )?(--[a-z-]+)", section[1], re.M))
    assert listed == options(command, subcommand) - {"--help"}


def test_the_manual_is_well_formed():
    if not shutil.which("man"):
        pytest.skip("install man-db to render the manual")
    manual_page = REPOSITORY / "docs" / "lastcall.1"
    done = subprocess.run(["man", "--warnings", "-l", manual_page], timeout=60,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "100"},
                          capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr


def test_the_manual_is_well_formed_to_a_strict_reader(tmp_path):
    if not shutil.which("mandoc"):
        pytest.skip("install mandoc to check the manual")
    text = (REPOSITORY / "docs" / "lastcall.1").read_text()
    filled = tmp_path / "lastcall.1"
    filled.write_text(text.replace("@DATE@", "2026-11-28").replace("@VERSION@", "1.0.0"))
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", filled], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


# ---- Completion --------------------------------------------------------------------------------


def completed(*words, path=None):
    script = (f"source '{REPOSITORY}/completions/lastcall.bash'; COMP_WORDS=(\"$@\"); "
              "COMP_CWORD=$(($# - 1)); _lastcall; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script, "bash", "lastcall", *words], capture_output=True,
                          text=True, timeout=60,
                          env={"PATH": f"{path}:/usr/bin:/bin"} if path else None)
    assert not done.stderr
    return set(done.stdout.split())


def test_subcommands_are_completed(command):
    assert completed("") == {*SUBCOMMANDS, "--help", "--version"}
    assert completed("st") == {"status"}


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_the_completion_has_the_options_of_help(command, subcommand):
    assert completed(subcommand, "--") - {"--"} == options(command, subcommand)


def test_limits_are_completed():
    assert completed("set", "1", "r") == {"requests=", "rate="}
    assert completed("set", "1", "observe", "=") == {"on", "off"}


@pytest.mark.parametrize("subcommand", ["run", "check"])
def test_programs_are_completed_and_no_words_of_the_shell(subcommand):
    assert "bash" in completed(subcommand, "bas")
    assert not {"if", "then", "else", "case", "cd", "_lastcall"} & completed(subcommand, "")
    assert "/usr/bin/bash" in completed(subcommand, "/usr/bin/bas")


@pytest.mark.parametrize("subcommand", ["run", "check"])
def test_folders_are_completed_with_their_slash(subcommand, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "no program").touch()
    (tmp_path / "program").touch(mode=0o755)
    assert completed(subcommand, f"{tmp_path}/") == {f"{tmp_path}/folder/", f"{tmp_path}/program"}


def test_servers_are_completed_by_their_pids(command, page, tmp_path):
    page.count(open=1)
    with Page(tmp_path) as other:
        other.fill()
        found = completed("drain", "", path=command.program.parent)
    assert {str(page.pid), str(other.pid)} <= found
    assert all(word.isdigit() for word in found)


@pytest.mark.parametrize("subcommand", ["status", "set", "drain"])
def test_servers_are_completed_by_their_names(command, page, subcommand):
    [server] = json.loads(command("status", page.pid, "--json").stdout)["servers"]
    found = completed(subcommand, server["server"][:3], path=command.program.parent)
    assert server["server"] in found and not any(word.isdigit() for word in found)


def test_behind_the_program_options_are_not_ours():
    assert "--age" not in completed("run", "-n", "5", "nginx", "--")


def test_a_value_behind_an_equals_sign_is_not_the_program():
    """Bash takes --requests=5 apart at the sign."""
    assert completed("run", "--requests", "=", "5", "--") >= {"--age", "--jitter"}
    assert "bash" in completed("run", "--requests", "=", "5", "bas")
    assert completed("run", "--status", "=", "/de") == {"/dev"}
    assert completed("run", "--status", "=") >= {"off"}
    for words in (["run", "--requests", "="], ["run", "--requests", "=", "5"],
                  ["set", "1", "requests", "="], ["set", "1", "requests", "=", "r"]):
        assert not completed(*words)


def test_folders_of_pages_are_completed(command):
    assert completed("status", "/de", path=command.program.parent) == {"/dev"}


# ---- Plan --------------------------------------------------------------------------------------


def test_a_plan_is_computed(command):
    done = command("plan", "--rps", 1000, "--clients", 5, "--connections", 50, "--settle", "60s",
                   "--jitter", "0%")
    assert done.returncode == 0
    for part in ["20 requests/s", "--requests 1200 ", "--requests off --age 1m", "0.833 a second", "one every 6 s",
                 "0.0833%", "after 15 s"]:
        assert part in done.stdout
    assert re.search(r"after 15 s +25%", done.stdout)


def ways(done):
    assert done.returncode == 0, done.stderr
    return re.findall(r"^  (?:or )?by (\w+) ", done.stdout, re.M)


def test_streams_make_a_plan_prefer_the_age(command):
    load = ["plan", "--rps", 1000, "--connections", 10]
    assert ways(command(*load)) == ["count", "age"]
    grpc = command(*load, "--streams", 600)
    assert ways(grpc) == ["age", "count"] and "busier" in grpc.stdout


def test_a_count_that_the_streams_in_flight_would_outdo_is_not_planned(command):
    done = command("plan", "--rps", 1000, "--connections", 10, "--streams", 601)
    assert ways(done) == ["age"] and "Not by count: that would be 6000" in done.stdout


def test_a_load_too_thin_to_settle_is_told_so(command):
    done = command("plan", "--rps", 1, "--connections", 500)
    assert done.returncode == 0 and "--requests 1 " in done.stdout
    assert "not in 1m" in done.stdout


def test_a_load_too_dense_to_be_counted_is_told_so(command):
    """No count is high enough."""
    done = command("plan", "--rps", 1_000_000_000, "--connections", 1)
    assert done.returncode == 0 and "--requests 2147483647 " in done.stdout
    assert "settles in 2.15 s, not in 1m" in done.stdout and "Go by age" in done.stdout
    assert "Go by age" not in command("plan", "--rps", 1_000_000, "--connections", 1).stdout


def test_a_small_number_is_printed_without_an_exponent(command):
    done = command("plan", "--rps", 1, "--connections", 30_000)
    assert re.search(r"on each connection +0\.0000333 requests/s", done.stdout)
    assert not re.search(r"\de[-+]\d", done.stdout)


@pytest.mark.parametrize("words, named", [
    ([], "--rps is missing"), (["--rps", "1"], "--connections is missing"),
    (["--rps", "0", "--connections", "1"], "--rps \"0\""),
    (["--rps", "nan", "--connections", "1"], "--rps \"nan\""),
    (["--rps", "1", "--connections", "1.5"], "--connections \"1.5\": expected a whole number"),
    (["--rps", "1", "--connections", "1", "--clients", "2"], "of all clients together"),
    (["--rps", "1", "--connections", "1", "--settle", "off"], "--settle \"off\""),
    (["--rps", "1", "--connections", "1", "--streams", "0"], "--streams \"0\""),
    (["--rps", "1", "--connections", "1", "x"], "options only")])
def test_a_plan_of_nonsense_is_refused(command, words, named):
    done = command("plan", *words)
    assert done.returncode == 2 and named in done.stderr
