"""Every code block of the documentation does what the page says it does.

``sh run`` blocks of a page are run in order, in one shell, in an empty folder, against a server with
the clinic that the pages talk about. ``json`` and ``toml`` are parsed, other
``sh`` blocks must at least be shell.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.markdown import Block, blocks, pages
from tests.support.processes import PROJECT
from tests.support.scim_server import ScimServer, running_server

CLINIC = "maple-street-clinic"
BLOCKS = [block for page in pages() for block in blocks(page)]
KNOWN_LANGUAGES = {"sh", "json", "toml", "mermaid", "text"}


def of_language(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.info[:1] and block.info[0] in languages]


def is_run(block: Block) -> bool:
    return block.info == ("sh", "run")


RUN_PAGES = sorted({block.page for block in BLOCKS if is_run(block)})


def test_every_block_is_of_a_language_that_is_checked() -> None:
    unknown = [block.where for block in BLOCKS if block.info and block.info[0] not in KNOWN_LANGUAGES]
    assert unknown == []
    assert len(RUN_PAGES) >= 6


@pytest.fixture(scope="module")
def documented_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A server with the clinic of the pages. It is used by one page after the other."""
    directory = tmp_path_factory.mktemp("documented")
    database = directory / "mdscripts.db"
    database.write_bytes(sqlite_template.read_bytes())
    with running_server(f"sqlite:///{database}", directory) as server:
        server.mdscripts("organization", "create", "Maple Street Clinic", "--slug", CLINIC, "--okta-scim")
        server.mdscripts("site", "create", "--organization", CLINIC, "00101", "--name", "Main Street")
        server.tokens["documented"] = server.create_token(CLINIC, "okta")
        yield server


@pytest.mark.parametrize("page", RUN_PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_the_commands_of_a_page_work_in_order(page: Path, documented_server: ScimServer, tmp_path: Path) -> None:
    script = "\n".join(block.text for block in blocks(page) if is_run(block))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=documented_server.environment
        | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "BASE_URL": documented_server.base_url,
            "TOKEN": documented_server.tokens["documented"],
        },
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{script}\n\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("block", of_language("sh"), ids=lambda block: block.where)
def test_shell_blocks_are_shell(block: Block) -> None:
    done = subprocess.run(["bash", "-n", "-c", block.text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", of_language("json"), ids=lambda block: block.where)
def test_json_blocks_are_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", of_language("toml"), ids=lambda block: block.where)
def test_toml_blocks_are_settings(block: Block) -> None:
    from mdscripts.settings import Settings

    assert set(tomllib.loads(block.text)) <= {row.name for row in Settings().describe()}
