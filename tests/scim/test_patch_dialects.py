"""PATCH as Okta, Entra ID, OneLogin and careless clients send it: ``data/patch_dialects.json``."""

import pytest

from tests.support.patch_cases import Case, check, load_cases


@pytest.mark.parametrize("case", load_cases("patch_dialects.json"))
def test_table(case: Case) -> None:
    check(case)
