"""No page of the documentation points to nothing, and none is forgotten."""

import re
from pathlib import Path

import pytest

from tests.support.markdown import anchors, links, pages
from tests.support.processes import PROJECT


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [PROJECT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = ((page.parent / link.partition("#")[0]).resolve() for link in links(page))
        waiting += [target for target in targets if target.suffix == ".md" and target.is_file()]
    assert [str(page.relative_to(PROJECT)) for page in pages() if page not in reached] in (
        [],
        ["CHANGELOG.md"],
    )


def test_the_readme_fits_on_a_screen_or_two() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 80


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {target for page in pages() for target in re.findall(r"\bmake ([a-z-]+)(?=[`\s])", code_of(page))}
    assert {"demo", "test"} <= named <= targets


def code_of(page: Path) -> str:
    """Everything on a page that is set as code."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), re.S))
