"""What the three narrators print for the same journey."""

import io
import json

import pytest
from rich.console import Console

from mdscripts.simulator.journal import Change, Latencies, Progress, Step, Summary
from mdscripts.simulator.narration import JsonNarrator, Narrator, PlainNarrator, TerminalNarrator, narrator

CREATED = Step(
    number=2,
    action="Assign José Lee to MDScripts",
    title="Okta creates José Lee",
    method="POST",
    path="/Users",
    status=201,
    milliseconds=7.6,
    outcome="José Lee was created, id 1.",
    changes=tuple(Change(name, "—", "x") for name in ("role", "npi", "a", "b", "c", "d", "e", "f")),
)
REFUSED = Step(
    number=3,
    action="Update José Lee in Okta",
    title="Okta sends José Lee with npi changed",
    method="PUT",
    path="/Users/1",
    status=400,
    milliseconds=3.2,
    outcome="Bad Request. Errors reported by remote server: npi is wrong. [NPI-05]",
    ok=False,
)
SUMMARY = Summary(
    scenario="first-day",
    client="okta",
    dialect="oin",
    steps=3,
    calls=1_003,
    failures=(REFUSED,),
    counts={"created": 1_000, "updated": 1},
    latencies=Latencies(4.25, 11.0, 40.0),
    seconds=2.0,
    users_before=2,
    users_after=1_002,
)


def told(tell: Narrator, stream: io.StringIO) -> str:
    for step in (CREATED, REFUSED):
        tell.on_step(step)
    tell.summarize(SUMMARY)
    tell.close()
    return stream.getvalue()


def test_plain_text_says_what_okta_does_what_was_answered_and_what_changed() -> None:
    stream = io.StringIO()
    assert (
        told(PlainNarrator(stream), stream)
        == """
Assign José Lee to MDScripts
    2. Okta creates José Lee
       POST /Users  =>  201 in 8 ms
       -> José Lee was created, id 1.
          role: — -> x
          npi: — -> x
          a: — -> x
          b: — -> x
          c: — -> x
          d: — -> x
          and 2 more

Update José Lee in Okta
    3. Okta sends José Lee with npi changed
       PUT /Users/1  =>  400 in 3 ms
       FAILED: Bad Request. Errors reported by remote server: npi is wrong. [NPI-05]

Not everything went well: first-day (okta, oin), 1,003 calls, 1 failure.
  people    1,000 created, 1 updated
  users     2 before, 1,002 after
  answers   p50 4.2 ms, p95 11.0 ms, slowest 40.0 ms; 2.0 s in all, 502 calls a second
  FAILED    3. Update José Lee in Okta: Bad Request. Errors reported by remote server: npi is wrong. [NPI-05]
"""
    )


def test_a_long_run_is_told_in_tenths_and_failures() -> None:
    stream = io.StringIO()
    tell = PlainNarrator(stream)
    for done in range(200):
        failed = done == 55
        step = Step(
            done + 1, "Assign X", "Okta creates X", "POST", "/Users", 500 if failed else 201, 1.0,
            "it broke" if failed else "fine", ok=not failed, progress=Progress("Assign everybody", done, 200),
        )  # fmt: skip
        tell.on_step(step)
    tell.on_step(CREATED)
    lines = [line for line in stream.getvalue().splitlines() if line]
    assert [line for line in lines if line.startswith("Assign everybody")] == [
        f"Assign everybody: {done} of 200" for done in range(0, 201, 20)
    ]
    assert "       FAILED: it broke" in lines
    assert len(lines) == 11 + 4 + 4 + 7


def test_json_lines_hold_every_step_and_the_summary() -> None:
    stream = io.StringIO()
    entries = [json.loads(line) for line in told(JsonNarrator(stream), stream).splitlines()]
    assert [entry["type"] for entry in entries] == ["step", "step", "summary"]
    assert entries[0]["title"] == "Okta creates José Lee"
    assert entries[0]["changes"][0] == {"attribute": "role", "before": "—", "after": "x"}
    assert entries[1]["ok"] is False
    assert entries[2]["ok"] is False
    assert entries[2]["latencies"] == {"p50": 4.25, "p95": 11.0, "slowest": 40.0}
    assert entries[2]["failures"][0]["number"] == 3
    assert entries[2]["counts"] == {"created": 1_000, "updated": 1}


def test_the_terminal_shows_the_same_and_takes_no_brackets_for_markup() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=200, highlight=False, color_system=None)
    text = told(TerminalNarrator(console), stream)
    assert "✓ José Lee was created, id 1." in text
    assert "✗ Bad Request. Errors reported by remote server: npi is wrong. [NPI-05]" in text
    assert "role: — -> x" in text
    assert "1,000 created, 1 updated" in text


def test_the_terminal_shows_a_bar_while_a_long_run_lasts() -> None:
    stream = io.StringIO()
    tell = TerminalNarrator(Console(file=stream, force_terminal=True, width=120, highlight=False))
    for done in range(3):
        tell.on_step(
            Step(
                done + 1,
                "A",
                "T",
                "POST",
                "/Users",
                201,
                1.0,
                "fine",
                progress=Progress("Assign all", done, 3),
            )
        )
    tell.on_step(CREATED)
    assert "Assign all" in stream.getvalue()
    assert "3/3" in stream.getvalue()
    assert "fine" not in stream.getvalue()


@pytest.mark.parametrize(("as_json", "kind"), [(True, JsonNarrator), (False, PlainNarrator)])
def test_a_stream_that_is_no_terminal_gets_text_or_json(as_json: bool, kind: type[object]) -> None:
    assert isinstance(narrator(io.StringIO(), as_json=as_json), kind)


def test_a_terminal_gets_colour() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert isinstance(narrator(Terminal()), TerminalNarrator)


def test_a_stream_that_knows_ascii_only_is_no_obstacle() -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="ascii")
    tell = PlainNarrator(stream)
    tell.on_step(CREATED)
    tell.close()
    assert b"Okta creates Jos? Lee" in buffer.getvalue()
