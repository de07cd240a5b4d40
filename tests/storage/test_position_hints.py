"""Position hints: the nearest fresh one, and not too many of them."""

from mdscripts.app.ports import Keyset
from mdscripts.storage.position_hints import LIFETIME_SECONDS, PositionHints

AT = Keyset(None, "x")


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_nearest_position_that_is_not_beyond_is_given() -> None:
    hints = PositionHints()
    for position in (100, 300, 200):
        hints.remember("maple", "all", position, Keyset(None, str(position)))
    found = {position: hints.nearest("maple", "all", position) for position in (99, 100, 250, 1_000)}
    assert {position: hint and hint.keyset.id for position, hint in found.items()} == {
        99: None,
        100: "100",
        250: "200",
        1_000: "300",
    }


def test_a_hint_belongs_to_one_organization_and_one_question() -> None:
    hints = PositionHints()
    hints.remember("maple", "all", 100, AT)
    assert hints.nearest("oak", "all", 100) is None
    assert hints.nearest("maple", "active only", 100) is None


def test_a_newer_hint_for_a_position_replaces_the_older() -> None:
    hints = PositionHints()
    hints.remember("maple", "all", 100, Keyset(None, "old"))
    hints.remember("maple", "all", 100, Keyset(None, "new"))
    hint = hints.nearest("maple", "all", 100)
    assert hint is not None
    assert hint.keyset.id == "new"


def test_a_hint_is_forgotten_after_its_time() -> None:
    watch = Watch()
    hints = PositionHints(watch)
    hints.remember("maple", "all", 100, AT)
    watch.now += LIFETIME_SECONDS - 1
    assert hints.nearest("maple", "all", 100) is not None
    watch.now += 2
    assert hints.nearest("maple", "all", 100) is None


def test_only_so_many_hints_are_kept() -> None:
    hints = PositionHints()
    for number in range(2_000):
        hints.remember(f"clinic {number}", "all", 100, AT)
    for number in range(100):
        hints.remember("maple", f"question {number}", 100, AT)
    for position in range(100):
        hints.remember("maple", "question 99", position, AT)
    kept = hints._organizations
    assert len(kept) == 1_024
    assert len(kept["maple"]) == 32
    assert len(kept["maple"]["question 99"]) == 16
    assert hints.nearest("clinic 0", "all", 100) is None
    assert hints.nearest("maple", "question 0", 100) is None
