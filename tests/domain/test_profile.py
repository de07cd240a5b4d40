"""How the rules of a profile work together."""

import pytest

from mdscripts.domain.profile import PROFILE_ATTRIBUTES

STORED = {
    "user_name": "dana.lee@clinic.example",
    "active": True,
    "given_name": "Dana",
    "family_name": "Lee",
    "is_provider": True,
    "is_physician_assistant": False,
    "npi": "1234567893",
    "dea_license": "BL1234563",
    "role": "Manager",
    "time_zone": "US/Eastern",
    "site_numbers": ("00101",),
    "email_type": "work",
    "emails": [{"value": "dana.lee@clinic.example", "type": "work", "primary": True}],
}

EVERYTHING_WRONG = {
    "user_name": None,
    "is_provider": True,
    "active": "perhaps",
    "given_name": "D4na",
    "family_name": None,
    "is_physician_assistant": "no",
    "npi": "1",
    "dea_license": "ZZ",
    "role": "Boss",
    "time_zone": "Mars",
    "site_numbers": "99999,00900",
    "email_type": 7,
    "emails": [{"value": "x", "primary": "maybe"}],
}


def rules(judged):
    return [violation.rule for violation in judged.violations]


def test_it_reports_all_faults_in_the_order_of_the_guide(judge):
    judged = judge(EVERYTHING_WRONG)
    assert rules(judged) == [
        "UN-01", "BO-04", "NM-10", "NM-03", "BO-04", "NPI-03", "DEA-03", "RO-04", "TZ-06", "SI-06", "SI-08",
        "ET-04", "EM-03", "BO-04",
    ]  # fmt: skip
    seen = list(dict.fromkeys(violation.attribute for violation in judged.violations))
    assert seen == [name for name in PROFILE_ATTRIBUTES.values() if name != "isProvider"]


def test_it_fills_in_the_defaults_of_a_user_who_has_nothing_but_a_name(judge):
    judged = judge({"given_name": None, "family_name": None, "is_provider": None, "npi": None,
                    "site_numbers": None})  # fmt: skip
    assert judged.violations == ()
    assert judged.values == {
        "user_name": "dana.lee@clinic.example",
        "active": True,
        "given_name": None,
        "family_name": None,
        "is_provider": False,
        "is_physician_assistant": None,
        "npi": None,
        "dea_license": None,
        "role": "Assistant",
        "time_zone": None,
        "site_numbers": (),
        "email_type": "work",
        "emails": [{"value": "dana.lee@clinic.example", "type": "work", "primary": True}],
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (set(), []),
        ({"role"}, ["RO-04"]),
        ({"is_provider"}, ["NM-10"]),
        ({"family_name"}, ["NM-10"]),
        ({"npi", "time_zone"}, ["NPI-03", "TZ-06"]),
        ({"a key that is none of ours"}, []),
    ],
)
def test_it_evaluates_only_the_rules_that_read_a_changed_attribute(judge, changed, expected):
    stored = {**STORED, "family_name": "Lee2"}
    judged = judge({**EVERYTHING_WRONG, "family_name": "Lee3"}, changed, stored)
    assert rules(judged) == expected


def test_it_keeps_what_is_stored_where_an_attribute_breaks_a_rule(judge):
    judged = judge(EVERYTHING_WRONG, PROFILE_ATTRIBUTES, STORED)
    assert judged.values == STORED


def test_it_keeps_what_is_stored_where_nothing_changes(judge):
    assert judge(EVERYTHING_WRONG, set(), STORED).values == STORED


def test_it_does_not_change_what_it_was_given(judge):
    emails = [{"value": " A@Clinic.Example ", "primary": "true", "display": None}]
    judge({"emails": emails})
    assert emails == [{"value": " A@Clinic.Example ", "primary": "true", "display": None}]


def test_it_evaluates_everything_when_an_inactive_user_becomes_active(judge):
    stored = {**STORED, "active": False, "given_name": "D4na", "site_numbers": ("00900",)}
    judged = judge({"active": True}, {"active"}, stored)
    assert rules(judged) == ["NM-10", "SI-08"]


@pytest.mark.parametrize("active", [False, "False", None, ""])
def test_it_evaluates_nothing_else_while_the_user_stays_inactive(judge, active):
    stored = {**STORED, "active": False, "given_name": "D4na"}
    judged = judge({"active": active}, {"active"}, stored)
    assert judged.violations == ()
    assert judged.values["active"] is False


def test_an_unreadable_flag_leaves_provider_attributes_as_they_are(judge):
    judged = judge({"is_provider": "maybe", "npi": "bad"}, PROFILE_ATTRIBUTES, STORED)
    assert rules(judged) == ["BO-04"]
    assert judged.values["npi"] == "1234567893"
    assert judged.ignored == ()


def test_it_does_not_tell_that_a_false_was_ignored(judge):
    judged = judge({"is_provider": False, "is_physician_assistant": "False", "npi": ""})
    assert judged.ignored == ()
    assert judged.values["is_physician_assistant"] is None


def test_it_names_ignored_attributes_even_if_nobody_could_read_them(judge):
    judged = judge({"is_provider": False, "is_physician_assistant": {"a": 1}, "npi": [1], "dea_license": 5})
    assert judged.violations == ()
    assert judged.ignored == ("isPhysicianAssistant", "npi", "deaLicense")


def test_it_does_not_derive_an_email_from_a_user_name_that_is_refused(judge):
    judged = judge({"user_name": "a@b", "emails": None})
    assert rules(judged) == ["EM-03"]
    assert judged.values["emails"] is None


def test_it_keeps_a_stored_email_when_only_the_user_name_changes(judge):
    judged = judge({"user_name": "new@clinic.example"}, {"user_name"}, STORED)
    assert judged.values["emails"] == STORED["emails"]


def test_it_derives_an_email_for_a_user_who_gets_an_address_as_user_name(judge):
    stored = {**STORED, "user_name": "dlee", "emails": None}
    judged = judge({"user_name": "new@clinic.example"}, {"user_name"}, stored)
    assert judged.values["emails"] == [{"value": "new@clinic.example", "type": "work", "primary": True}]


def test_a_new_email_without_type_takes_the_stored_type(judge):
    judged = judge({"emails": [{"value": "a@clinic.example"}]}, {"emails"}, {**STORED, "email_type": "home"})
    assert judged.values["emails"] == [{"value": "a@clinic.example", "type": "home", "primary": True}]


def test_a_changed_email_type_reaches_a_primary_email_without_one(judge):
    stored = {**STORED, "emails": [{"value": "a@clinic.example", "primary": True}]}
    judged = judge({"email_type": "home"}, {"email_type"}, stored)
    assert judged.values["emails"] == [{"value": "a@clinic.example", "type": "home", "primary": True}]
    assert judged.values["email_type"] == "home"


def test_a_refused_email_type_is_reported_once(judge):
    long_type = "x" * 33
    judged = judge({"email_type": long_type, "emails": [{"value": "a@clinic.example", "type": long_type}]})
    assert rules(judged) == ["ET-03"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"user_name": "dlee"}, [("W-UN1", "userName")]),
        ({"dea_license": "AB1234563"}, [("W-DEA1", "deaLicense")]),
        ({"dea_license": "AB1234563", "family_name": "de la Bruyère"}, []),
        ({"dea_license": "AL1234563", "family_name": "Łukasz"}, []),
        ({"dea_license": "AB1234563", "family_name": "李"}, []),
        ({"dea_license": "F91234563"}, []),
        ({"dea_license": "AB1234563-A12"}, []),
        ({"dea_license": "BL1234563", "is_physician_assistant": True}, [("W-DEA2", "deaLicense")]),
        ({"dea_license": "BL1234563-A1", "is_physician_assistant": True}, []),
        ({"dea_license": "ML1234563", "is_physician_assistant": True}, []),
        ({"time_zone": "EST"}, [("W-TZ1", "timezone")]),
        ({"time_zone": "Etc/GMT+5"}, [("W-TZ1", "timezone")]),
        ({"time_zone": "US/Arizona"}, []),
        ({"given_name": "D\u0430na"}, [("W-NM1", "givenName")]),
        ({"family_name": "Lee \u041b\u0438"}, []),
        ({"site_numbers": ""}, [("W-SI1", "siteNumbers")]),
        ({}, []),
    ],
)
def test_it_warns_without_refusing(judge, raw, expected):
    judged = judge(raw)
    assert judged.violations == ()
    assert [(warning.id, warning.attribute) for warning in judged.warnings] == expected


def test_it_warns_again_when_the_name_no_longer_fits_the_dea_number(judge):
    judged = judge({"family_name": "Park"}, {"family_name"}, STORED)
    assert [warning.id for warning in judged.warnings] == ["W-DEA1"]
    assert judged.values["dea_license"] == "BL1234563"


def test_it_warns_of_a_stored_site_that_was_closed(judge):
    judged = judge({}, {"role"}, {**STORED, "site_numbers": ("00101", "00900")})
    assert [warning.id for warning in judged.warnings] == ["W-SI2"]
    assert judged.values["site_numbers"] == ("00101", "00900")


def test_it_does_not_repeat_a_warning_about_what_does_not_change(judge):
    stored = {**STORED, "user_name": "dlee", "time_zone": "EST", "dea_license": "AB1234563"}
    assert judge({}, {"role"}, stored).warnings == ()
