"""Choosing the entries of a page among many that arrive in any order."""

from hypothesis import given
from hypothesis import strategies as st

from mdscripts.storage.ordering import Entry, Nearest

entries = st.builds(Entry, st.booleans(), st.sampled_from(["", "a", "b"]), st.text("xyz", max_size=2))


@given(
    chunks=st.lists(st.lists(entries, max_size=30), max_size=12),
    wanted=st.integers(1, 40),
    falling=st.booleans(),
    start=st.none() | entries,
)
def test_it_keeps_the_first_entries_beyond_the_start(
    chunks: list[list[Entry]], wanted: int, falling: bool, start: Entry | None
) -> None:
    nearest = Nearest(wanted, falling=falling, start=start)
    for chunk in chunks:
        for entry in chunk:
            nearest.add(entry)
        nearest.settle()
    everything = sorted((entry for chunk in chunks for entry in chunk), reverse=falling)
    beyond = [each for each in everything if start is None or (each < start if falling else each > start)]
    assert nearest.take() == beyond[:wanted]
    assert nearest.total == len(everything)


def test_it_holds_no_more_than_it_may_have_to_give() -> None:
    nearest = Nearest(10, falling=False)
    for number in range(5_000):
        nearest.add(Entry(missing=False, key=f"{number * 7919 % 5_000:05}", id=""))
        if number % 100 == 99:
            nearest.settle()
    assert sum(map(len, nearest._runs)) <= 40
    assert [entry.key for entry in nearest.take()] == [f"{number:05}" for number in range(10)]
