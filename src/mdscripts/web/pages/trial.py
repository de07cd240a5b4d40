"""Try a profile: values typed or pasted, and the verdict Okta would get; nothing is saved."""

from typing import NamedTuple

import orjson
from starlette.responses import Response

from mdscripts.app.error_messages import search as error_search
from mdscripts.app.schemas import MDSCRIPTS_URN
from mdscripts.app.trial import Trial
from mdscripts.web.pages.forms import Form
from mdscripts.web.pages.visit import Visit


class TrialField(NamedTuple):
    """One field of the form: where its value goes in the body, and what it shows at first."""

    name: str
    label: str
    place: str
    example: str
    hint: str = ""


NAME, CORE, EXTENSION = "name", "core", "extension"

FIELDS = (
    TrialField("userName", "User name", CORE, "dana.lee@clinic.example", "Usually the email address."),
    TrialField("givenName", "First name", NAME, "Dana"),
    TrialField("familyName", "Last name", NAME, "Lee"),
    TrialField("role", "role", EXTENSION, "Assistant", "Assistant or Manager."),
    TrialField("siteNumbers", "siteNumbers", EXTENSION, "", "Separated by commas."),
    TrialField("isProvider", "isProvider", EXTENSION, "true", "true or false."),
    TrialField("npi", "npi", EXTENSION, "1234567893"),
    TrialField("deaLicense", "deaLicense", EXTENSION, "BL1234563"),
    TrialField("isPhysicianAssistant", "isPhysicianAssistant", EXTENSION, "false"),
    TrialField("timezone", "timezone", CORE, "US/Eastern"),
    TrialField("emailType", "emailType", EXTENSION, ""),
)


async def show(visit: Visit) -> Response:
    """The form, filled with an example that can be changed."""
    return _page(visit, {field.name: field.example for field in FIELDS}, "", None)


async def judge(visit: Visit) -> Response:
    """The verdict above what was typed."""
    values = {field.name: visit.form.text(field.name) for field in FIELDS}
    pasted = visit.form.text("profile")
    if pasted.strip():
        trial = await visit.services.trials.of_text(visit.organization, pasted)
    else:
        trial = await visit.services.trials.of(visit.organization, body_of(visit.form))
    return _page(visit, values, pasted, trial)


def body_of(form: Form) -> dict[str, object]:
    """The fields as the body Okta would send; an empty field is not sent."""
    parts: dict[str, dict[str, object]] = {CORE: {}, NAME: {}, EXTENSION: {}}
    for field in FIELDS:
        if form.text(field.name) != "":
            parts[field.place][field.name] = form.text(field.name)
    return {**parts[CORE], "name": parts[NAME], "active": True, MDSCRIPTS_URN: parts[EXTENSION]}


def _page(visit: Visit, values: dict[str, str], pasted: str, trial: Trial | None) -> Response:
    stored, said = "", ""
    if trial is not None:
        said = " ".join([trial.refusal.detail if trial.refusal else "", *trial.remarks])
        if trial.resource is not None:
            stored = orjson.dumps(trial.resource, option=orjson.OPT_INDENT_2).decode()
    return visit.page(
        "admin/okta-scim/trial.html",
        fields=FIELDS,
        values=values,
        pasted=pasted,
        trial=trial,
        stored=stored,
        rules=error_search.mentioned(said),
    )
