"""The pages for people: what they point to is there, and what they say of it agrees.

Knows Markdown's links and headings, the Makefile's targets and the table of settings. Refuses to
judge prose.
"""

import re
import subprocess
from pathlib import Path

import pytest

from conftest import REPOSITORY as ROOT

LONGEST = 150  # lines of the README: ten minutes
COMPARED = re.compile(r"\d[\d,.]*")


def kept(pattern):
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", pattern], capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split()] or sorted(ROOT.glob(f"**/{pattern}"))


PAGES = [page for page in kept("*.md") if page.parts[-2] != "hostile" and "build" not in page.parts]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page):
    """Without blocks of code, in which brackets are no links and # no headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    return re.sub(r"^    .*$", "", text, flags=re.M)


def links(page):
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


def anchors(page):
    """As the places that show Markdown name its headings."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return [re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower())
            .replace(" ", "-") for heading in headings]


def leads_somewhere(page, link):
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def targets():
    rules = re.findall(r"^([\w%./ -]+?):(?!=)", (ROOT / "Makefile").read_text(), re.M)
    return {name for rule in rules for name in rule.split()}


@pages
def test_every_link_leads_somewhere(page):
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


@pages
def test_every_make_target_that_a_page_names_exists(page):
    named = set(re.findall(r"(?:`|^    |&& (?:sudo )?)make ([a-z][\w-]*)", page.read_text(), re.M))
    assert named - targets() == set()


@pages
def test_every_file_of_the_project_that_a_page_names_exists(page):
    named = re.findall(r"`((?:harness|tests|src|include|deploy|docs|tools)/[\w./*-]+)`", page.read_text())
    assert [name for name in named if not list(ROOT.glob(name.rstrip("/")))] == []
    tests = re.findall(r"`(test_[\w*]+\.py)`", page.read_text())
    assert [name for name in tests if not list(ROOT.glob(f"harness/tests/*/{name}"))] == []


@pages
def test_no_line_is_too_long_to_read(page):
    long = [line for line in prose(page).splitlines()
            if len(line) > 130 and not line.startswith("|") and "](" not in line]
    assert long == []


def test_the_readme_is_read_in_ten_minutes():
    assert len((ROOT / "README.md").read_text().splitlines()) <= LONGEST


def test_every_point_of_a_check_has_its_heading():
    source = (ROOT / "src/command/setup/setup.cpp").read_text()
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"\)', re.sub(r'counted\([^;]*?"[a-z]+"\)', "", source)))
    named |= set(re.findall(r'anchor = "([a-z-]+)"', source))
    assert len(named) > 9 and named - set(anchors(ROOT / "docs/troubleshooting.md")) == set()


def section(page, heading):
    return (ROOT / page).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_what_the_readme_says_of_cost_and_effect_stands_in_the_pages_that_were_measured():
    cost = section("README.md", "What it costs")
    figures = [figure.rstrip(".,") for figure in COMPARED.findall(cost)]
    measured = (ROOT / "docs/performance.md").read_text()
    assert len(figures) > 7
    assert [figure for figure in figures if figure not in measured and figure != "2"] == []


def test_every_page_in_docs_is_reached_from_the_readme():
    reached, new = set(), {ROOT / "README.md"}
    while new:
        reached |= new
        new = {(page.parent / link.partition("#")[0]).resolve() for page in new for link in links(page)
               if link.partition("#")[0].endswith(".md")} - reached
    assert [page.name for page in PAGES if page.parent.name == "docs" and page not in reached] == []


def settings():
    """Those of the table, and the one that Go programs alone have."""
    places = (ROOT / "src/preload/settings.cpp", ROOT / "src/go/switch.hpp")
    return set(re.findall(r'"(LASTCALL(?:_[A-Z_]+)?)"', "".join(map(Path.read_text, places))))


def test_the_page_of_settings_has_the_rows_of_the_table_of_settings():
    rows = set(re.findall(r"^\| `(LASTCALL\w*)`", (ROOT / "docs/settings.md").read_text(), re.M))
    assert rows == settings()


def test_files_to_install_have_the_version_of_now():
    version = (ROOT / "VERSION").read_text().split()[0]
    text = "".join(page.read_text() for page in PAGES if page.name != "CHANGELOG.md")
    named = set(re.findall(r"lastcall[_:-](\d+\.\d+\.\d+)", text))
    assert named == {version}
    assert f"## {version} " in (ROOT / "CHANGELOG.md").read_text()
