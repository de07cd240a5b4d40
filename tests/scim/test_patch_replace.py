"""PATCH replace (RFC 7644 §3.5.2.3): the table in ``data/patch_replace.json``."""

import pytest

from tests.support.patch_cases import Case, check, load_cases


@pytest.mark.parametrize("case", load_cases("patch_replace.json"))
def test_table(case: Case) -> None:
    check(case)
