"""At least 20,000 cases against scim2-models in every run, without a difference that is not listed.

The same generators and the same judgements as in the oracle tests, with more and other cases, and
nothing that only helps to find a small example: a failure here is looked at there. Together with
the random resource types (``test_random_schemas_oracle``) this is what the listed differences of
docs/reference/deviations.md rest on.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.scim import test_filter_oracle as filters
from tests.scim import test_patch_oracle as patches
from tests.scim import test_random_schemas_oracle as random_schemas
from tests.scim import test_resources_oracle as resources
from tools.deviations import differences
from tools.generate_docs import DOCS

FILTERS = 1_500
TEXTS = 1_000
SEQUENCES = 400
"""Of PATCH operations, of each reading; one to four operations each."""
BODIES = 8_000
SEED = 9865

VOLUME = {
    "bodies of users": BODIES,
    "filters over users": FILTERS,
    "texts that may be filters": TEXTS,
    "sequences of operations on users": SEQUENCES * 2,
    "bodies of random schemas": random_schemas.WORLDS * random_schemas.BODIES,
    "filters over random schemas": random_schemas.WORLDS * random_schemas.FILTERS,
    "operations on random schemas": random_schemas.WORLDS * random_schemas.OPERATIONS,
}
"""Cases by kind; each test counts its own. A filter counts once, however many users it judges."""


def test_together_they_are_at_least_twenty_thousand() -> None:
    assert sum(VOLUME.values()) >= 20_000


def count(examples: int, judge: Callable[..., None], **strategies: st.SearchStrategy[Any]) -> int:
    """Let ``judge`` look at so many examples; how many it really saw."""
    seen = 0

    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(**strategies)
    def run(**case: Any) -> None:
        nonlocal seen
        seen += 1
        judge(**case)

    run()
    return seen


def judge_of(test: Any) -> Callable[..., None]:
    """The function under a hypothesis test."""
    inner: Callable[..., None] = test.hypothesis.inner_test
    return inner


def test_filters() -> None:
    judge = judge_of(filters.test_both_answer_a_filter_alike)
    users = st.lists(filters.USERS, min_size=1, max_size=3)
    assert count(FILTERS, judge, text=filters.FILTERS, users=users) >= FILTERS


def test_texts_that_may_be_filters() -> None:
    judge = judge_of(filters.test_both_accept_the_same_texts)
    assert count(TEXTS, judge, text=filters.damaged()) >= TEXTS


@pytest.mark.parametrize("reading", [patches.STRICT, patches.TOLERANT], ids=["strict", "tolerant"])
def test_operations(reading: patches.Reading) -> None:
    judge = judge_of(patches.test_we_agree_with_scim2_models)
    sequences = st.lists(patches.operations(), min_size=1, max_size=4)
    seen = count(
        SEQUENCES,
        lambda user, sequence: judge(reading=reading, user=user, sequence=sequence),
        user=patches.USERS,
        sequence=sequences,
    )
    assert seen >= SEQUENCES


def test_bodies() -> None:
    author = resources.Author(SEED)
    for _ in range(BODIES):
        body = author.body()
        mine, yours = resources.ours(body), resources.theirs(body)
        assert (mine == resources.REFUSED) == (yours == resources.REFUSED), (body, mine, yours)
        if mine != resources.REFUSED:
            assert resources.comparable(mine) == resources.comparable(yours), body


def test_every_listed_difference_is_on_the_page() -> None:
    page = (DOCS / "reference" / "deviations.md").read_text(encoding="utf-8")
    listed = [reason for _, reason, *_ in differences()]
    assert len(listed) == sum(len(module.DIFFERENCES) for module in (filters, patches, resources, random_schemas))
    assert [reason for reason in listed if reason.replace("|", "\\|").replace("``", "`") not in page] == []
