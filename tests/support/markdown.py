"""Read the project's Markdown pages: code blocks, headings, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from tests.support.processes import PROJECT

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^ *(?P=fence)[ ]*$", re.M | re.S)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.M)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced code block: the words after the fence, its text, and where it stands."""

    page: Path
    line: int
    info: tuple[str, ...]
    text: str

    @property
    def where(self) -> str:
        """Page and line, for messages and test ids."""
        return f"{self.page.relative_to(PROJECT)}:{self.line}"


def pages() -> list[Path]:
    """Every page for people: those of the root folder and of docs."""
    return sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, tuple(found["info"].split()), dedent(found["body"]))


def prose(page: Path) -> str:
    """The page without its code."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", lambda code: code[0] if "](" not in code[0] else "", text)


def anchors(page: Path) -> set[str]:
    """What a link to this page may point to, as GitHub names its headings."""
    return {anchor_of(heading) for heading in headings(page)}


def headings(page: Path) -> list[str]:
    """The headings of a page, in order, without code."""
    return HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))


def anchor_of(heading: str) -> str:
    """The anchor of a heading: lower case, words joined by hyphens, punctuation left out."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def links(page: Path) -> list[str]:
    """Where a page points to."""
    return LINK.findall(prose(page))
