"""Bars of calls and failures as geometry; the template draws them as SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mdscripts.app.activity.observation import Bucket

WIDTH, HEIGHT, GAP = 480, 96, 2
_LEAST = 3


class Bar(NamedTuple):
    """One bar: failures stand on the base line, good calls on top of them. Units of the picture."""

    x: float
    width: float
    good_y: float
    good_height: float
    bad_y: float
    bad_height: float
    label: str
    calls: int
    failures: int


@dataclass(frozen=True, slots=True)
class BarChart:
    """A chart and what stands below its first, middle and last bar. ``top`` is the highest value."""

    bars: tuple[Bar, ...]
    top: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def marks(self) -> tuple[str, str, str]:
        """Labels of the axis."""
        return self.bars[0].label, self.bars[len(self.bars) // 2].label, self.bars[-1].label


def bar_chart(buckets: Sequence[Bucket], label: Callable[[str], str]) -> BarChart:
    """The chart of buckets; ``label`` words the moment at which one begins."""
    top = max((bucket.calls for bucket in buckets), default=0)
    step = WIDTH / max(1, len(buckets))
    return BarChart(
        tuple(_bar(bucket, number * step, step - GAP, top, label) for number, bucket in enumerate(buckets)), top
    )


def _bar(bucket: Bucket, x: float, width: float, top: int, label: Callable[[str], str]) -> Bar:
    failures = min(bucket.failures, bucket.calls)
    bad, good = _height(failures, top), _height(bucket.calls - failures, top)
    good = min(good, HEIGHT - bad)
    return Bar(
        round(x, 2),
        round(width, 2),
        round(HEIGHT - bad - good, 2),
        round(good, 2),
        round(HEIGHT - bad, 2),
        round(bad, 2),
        label(bucket.start),
        bucket.calls,
        failures,
    )


def _height(value: int, top: int) -> float:
    """Nothing has no height, something always can be seen."""
    return max(_LEAST, value / top * HEIGHT) if value else 0.0
