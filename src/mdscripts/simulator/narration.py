"""Tells a journey as it happens: coloured on a terminal, plain in a file, or as JSON lines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Protocol, TextIO

from rich import progress as bar
from rich.console import Console
from rich.text import Text

from mdscripts.simulator.answers import counted
from mdscripts.simulator.journal import Change, Progress, Step, Summary

MOST_CHANGES = 6
"""How many changed attributes of one call are spelled out."""

MOST_FAILURES = 10
"""How many failures are repeated under the summary."""


class Narrator(Protocol):
    """Listens to ``scenarios.run``; ``close`` ends the tale, also after an interruption."""

    def on_step(self, step: Step) -> None:
        """One call was made and answered."""

    def summarize(self, summary: Summary) -> None:
        """The journey is over."""

    def close(self) -> None:
        """Nothing more will come."""


def narrator(stream: TextIO, *, as_json: bool = False) -> Narrator:
    """The narrator that fits ``stream``: JSON lines when asked for, colour on a terminal."""
    if as_json:
        return JsonNarrator(stream)
    return TerminalNarrator(Console(file=stream, highlight=False)) if stream.isatty() else PlainNarrator(stream)


class JsonNarrator:
    """One JSON object per line: ``{"type": "step", …}`` and at last ``{"type": "summary", …}``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def on_step(self, step: Step) -> None:
        """Write the step as it is."""
        self._write({"type": "step"} | asdict(step))

    def summarize(self, summary: Summary) -> None:
        """Write the figures, ``ok``, and the failed steps."""
        figures = asdict(summary) | {"latencies": summary.latencies._asdict(), "ok": summary.ok}
        self._write({"type": "summary"} | figures)

    def close(self) -> None:
        """Nothing to do."""

    def _write(self, entry: dict[str, object]) -> None:
        self._stream.write(json.dumps(entry, ensure_ascii=True) + "\n")
        self._stream.flush()


class PlainNarrator:
    """Lines of text without colour; a long run is told in tenths and failures only."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._action = ""
        self._shown: Progress | None = None

    def on_step(self, step: Step) -> None:
        """Write the step, or a line for each tenth of a long run."""
        self._write_progress(step.progress)
        if step.progress is not None and step.ok:
            return
        if step.action != self._action:
            self._action = step.action
            self._write(f"\n{step.action}")
        self._write(f"{step.number:5}. {step.title}")
        self._write(f"       {call_line(step)}")
        self._write(f"       {'->' if step.ok else 'FAILED:'} {step.outcome}")
        for line in change_lines(step.changes):
            self._write(f"          {line}")

    def summarize(self, summary: Summary) -> None:
        """Write the figures and repeat the failures."""
        for line in summary_lines(summary):
            self._write(line)

    def close(self) -> None:
        """Flush what was written."""
        self._stream.flush()

    def _write_progress(self, progress: Progress | None) -> None:
        """A line per tenth; the first step after a long run says that it was completed."""
        if progress is None and self._shown is not None:
            self._write(f"{self._shown.label}: {self._shown.total:,} of {self._shown.total:,}")
        elif progress is not None and _tenth(progress) != _tenth(self._shown):
            self._write(f"{progress.label}: {progress.done:,} of {progress.total:,}")
        self._shown = progress

    def _write(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")


class TerminalNarrator:
    """Coloured lines, and a progress bar while a long run lasts."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._action = ""
        self._bar: bar.Progress | None = None
        self._task = bar.TaskID(0)

    def on_step(self, step: Step) -> None:
        """Print the step, or move the bar."""
        if step.progress is not None:
            self._move_bar(step)
            if step.ok:
                return
        else:
            self._stop_bar()
        if step.action != self._action:
            self._action = step.action
            self._print(Text(f"\n{step.action}", style="bold cyan"))
        self._print(Text(f"{step.number:5}. {step.title}"))
        self._print(Text(f"       {call_line(step)}", style="dim"))
        mark, style = ("✓", "green") if step.ok else ("✗", "bold red")
        self._print(Text(f"       {mark} {step.outcome}", style=style))
        for line in change_lines(step.changes):
            self._print(Text(f"           {line}", style="yellow"))

    def summarize(self, summary: Summary) -> None:
        """Print the figures and repeat the failures."""
        self._stop_bar()
        style = "bold green" if summary.ok else "bold red"
        for line in summary_lines(summary):
            self._print(Text(line, style=style))

    def close(self) -> None:
        """Give the terminal back."""
        self._stop_bar()

    def _move_bar(self, step: Step) -> None:
        progress = step.progress
        if progress is None:
            return
        if self._bar is None:
            columns = (
                bar.TextColumn("{task.description}"),
                bar.BarColumn(),
                bar.MofNCompleteColumn(),
                bar.TimeRemainingColumn(),
            )
            self._bar = bar.Progress(*columns, console=self._console)
            self._task = self._bar.add_task(progress.label, total=progress.total)
            self._bar.start()
        self._bar.update(self._task, completed=progress.done)

    def _stop_bar(self) -> None:
        if self._bar is None:
            return
        self._bar.update(self._task, completed=self._bar.tasks[0].total)
        self._bar.stop()
        self._bar = None

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def call_line(step: Step) -> str:
    """The call as one line: method, path, status, time."""
    answered = f"{step.status} in {step.milliseconds:.0f} ms" if step.status else "no answer"
    return f"{step.method} {step.path}  =>  {answered}"


def change_lines(made: Sequence[Change]) -> list[str]:
    """Before and after, one attribute per line; the rest is counted."""
    lines = [f"{change.attribute}: {change.before} -> {change.after}" for change in made[:MOST_CHANGES]]
    if len(made) > MOST_CHANGES:
        lines.append(f"and {len(made) - MOST_CHANGES} more")
    return lines


def summary_lines(summary: Summary) -> list[str]:
    """The journey in a few lines of text."""
    counts = ", ".join(f"{number:,} {what}" for what, number in summary.counts.items())
    latencies = summary.latencies
    rate = summary.calls / summary.seconds if summary.seconds else 0.0
    failures = counted(len(summary.failures), "failure") if summary.failures else "no failures"
    lines = [
        "",
        f"{'Everything went well' if summary.ok else 'Not everything went well'}: {summary.scenario} "
        f"({summary.client}, {summary.dialect}), {counted(summary.calls, 'call')}, {failures}.",
        f"  people    {counts or 'nobody changed'}",
        f"  users     {_number(summary.users_before)} before, {_number(summary.users_after)} after",
        f"  answers   p50 {latencies.p50:.1f} ms, p95 {latencies.p95:.1f} ms, "
        f"slowest {latencies.slowest:.1f} ms; {summary.seconds:.1f} s in all, {rate:,.0f} calls a second",
    ]
    lines += [f"  FAILED    {step.number}. {step.action}: {step.outcome}" for step in summary.failures[:MOST_FAILURES]]
    if len(summary.failures) > MOST_FAILURES:
        lines.append(f"  and {len(summary.failures) - MOST_FAILURES:,} more failures")
    return lines


def _tenth(progress: Progress | None) -> int:
    return progress.done * 10 // progress.total if progress and progress.total else -1


def _number(users: int | None) -> str:
    return "unknown" if users is None else f"{users:,}"
