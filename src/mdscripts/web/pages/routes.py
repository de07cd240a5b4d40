"""Every address of the pages, who may use it, and what answers: the one place that decides it.

A row is one method at one path. ``GET`` answers ``HEAD`` too. ``background`` marks what an open
page asks for by itself: it does not keep a session alive.
"""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import NamedTuple

from starlette.responses import Response

from mdscripts.web.pages import (
    activity,
    activity_export,
    admin_home,
    audit,
    errors,
    group_mapping,
    groups,
    guide,
    home,
    okta_scim,
    okta_scim_fragments,
    okta_settings,
    okta_tokens,
    password,
    people,
    person_actions,
    person_forms,
    profile,
    sign_in,
    sites,
    trial,
)
from mdscripts.web.pages.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]


class Who(Enum):
    """Who may use an address."""

    ANONYMOUS = "everybody, without looking who it is"
    PUBLIC = "everybody"
    SIGNED_IN = "people who are signed in"
    MANAGER = "managers"


class Page(NamedTuple):
    """One row of the table."""

    method: str
    path: str
    who: Who
    handler: Handler
    background: bool = False


ANONYMOUS, PUBLIC, SIGNED_IN, MANAGER = Who.ANONYMOUS, Who.PUBLIC, Who.SIGNED_IN, Who.MANAGER

ROUTES: tuple[Page, ...] = (
    Page("GET", "/", PUBLIC, home.index),
    Page("GET", "/static/{name}", ANONYMOUS, home.static),
    # Signing in
    Page("GET", "/sign-in", PUBLIC, sign_in.show),
    Page("POST", "/sign-in", PUBLIC, sign_in.submit),
    Page("POST", "/sign-out", SIGNED_IN, sign_in.sign_out),
    Page("POST", "/sign-out-everywhere", SIGNED_IN, sign_in.sign_out_everywhere),
    Page("GET", "/set-password/{secret}", PUBLIC, password.show_link),
    Page("POST", "/set-password/{secret}", PUBLIC, password.set_by_link),
    # Oneself
    Page("GET", "/profile", SIGNED_IN, profile.show),
    Page("GET", "/profile/password", SIGNED_IN, password.show_change),
    Page("POST", "/profile/password", SIGNED_IN, password.change),
    # Administration
    Page("GET", "/admin", MANAGER, admin_home.show),
    # Okta SCIM
    Page("GET", "/guide/okta-scim", PUBLIC, guide.show),
    Page("GET", "/guide/okta-scim/profile.json", PUBLIC, guide.profile),
    Page("GET", "/guide/errors", PUBLIC, errors.show),
    Page("GET", "/admin/okta-scim", MANAGER, okta_scim.show),
    Page("GET", "/admin/okta-scim/guide", MANAGER, okta_scim.guide),
    Page("POST", "/admin/okta-scim/play", MANAGER, okta_scim.play),
    Page("GET", "/admin/okta-scim/switch-off", MANAGER, okta_scim.ask_switch_off),
    Page("POST", "/admin/okta-scim/switch-off", MANAGER, okta_scim.switch_off),
    Page("GET", "/admin/okta-scim/tokens/new", MANAGER, okta_tokens.show_form),
    Page("POST", "/admin/okta-scim/tokens", MANAGER, okta_tokens.create),
    Page("GET", "/admin/okta-scim/tokens/{key_id}/replace", MANAGER, okta_tokens.replace),
    Page("GET", "/admin/okta-scim/tokens/{key_id}/revoke", MANAGER, okta_tokens.ask_revoke),
    Page("POST", "/admin/okta-scim/tokens/{key_id}/revoke", MANAGER, okta_tokens.revoke),
    Page("GET", "/admin/okta-scim/tokens/{key_id}/tolerances", MANAGER, okta_tokens.tolerances),
    Page("POST", "/admin/okta-scim/tokens/{key_id}/tolerances", MANAGER, okta_tokens.switch_tolerances),
    Page("GET", "/admin/okta-scim/settings", MANAGER, okta_settings.show),
    Page("POST", "/admin/okta-scim/settings", MANAGER, okta_settings.save),
    Page("GET", "/admin/okta-scim/try", MANAGER, trial.show),
    Page("POST", "/admin/okta-scim/try", MANAGER, trial.judge),
    Page("GET", "/admin/okta-scim/checklist", MANAGER, okta_scim_fragments.checklist, background=True),
    Page("GET", "/admin/okta-scim/health", MANAGER, okta_scim_fragments.health, background=True),
    # Activity
    Page("GET", "/admin/activity", MANAGER, activity.index),
    Page("GET", "/admin/activity/latest", MANAGER, activity.latest, background=True),
    Page("GET", "/admin/activity/export.csv", MANAGER, activity_export.as_csv),
    Page("GET", "/admin/activity/export.jsonl", MANAGER, activity_export.as_json_lines),
    Page("GET", "/admin/activity/{id}", MANAGER, activity.show),
    # People
    Page("GET", "/admin/people", MANAGER, people.index),
    Page("GET", "/admin/people/new", MANAGER, person_forms.show_new),
    Page("POST", "/admin/people", MANAGER, person_forms.create),
    Page("GET", "/admin/people/{id}", MANAGER, people.show),
    Page("GET", "/admin/people/{id}/edit", MANAGER, person_forms.show_edit),
    Page("POST", "/admin/people/{id}/edit", MANAGER, person_forms.save),
    Page("GET", "/admin/people/{id}/deactivate", MANAGER, person_actions.ask_deactivate),
    Page("POST", "/admin/people/{id}/deactivate", MANAGER, person_actions.deactivate),
    Page("GET", "/admin/people/{id}/reactivate", MANAGER, person_actions.ask_reactivate),
    Page("POST", "/admin/people/{id}/reactivate", MANAGER, person_actions.reactivate),
    Page("GET", "/admin/people/{id}/end-sessions", MANAGER, person_actions.ask_end_sessions),
    Page("POST", "/admin/people/{id}/end-sessions", MANAGER, person_actions.end_sessions),
    Page("POST", "/admin/people/{id}/password-link", MANAGER, person_actions.create_password_link),
    # Sites
    Page("GET", "/admin/sites", MANAGER, sites.index),
    Page("GET", "/admin/sites/new", MANAGER, sites.show_new),
    Page("POST", "/admin/sites", MANAGER, sites.create),
    Page("POST", "/admin/sites/time-zone", MANAGER, sites.set_time_zone),
    Page("GET", "/admin/sites/{number}", MANAGER, sites.show),
    Page("GET", "/admin/sites/{number}/rename", MANAGER, sites.show_rename),
    Page("POST", "/admin/sites/{number}/rename", MANAGER, sites.rename),
    Page("GET", "/admin/sites/{number}/close", MANAGER, sites.ask_close),
    Page("POST", "/admin/sites/{number}/close", MANAGER, sites.close),
    # Groups
    Page("GET", "/admin/groups", MANAGER, groups.index),
    Page("GET", "/admin/groups/mapping", MANAGER, group_mapping.order),
    Page("POST", "/admin/groups/mapping", MANAGER, group_mapping.move),
    Page("GET", "/admin/groups/{id}", MANAGER, groups.show),
    Page("POST", "/admin/groups/{id}/mapping", MANAGER, group_mapping.save),
    Page("GET", "/admin/groups/{id}/mapping/remove", MANAGER, group_mapping.ask_remove),
    Page("POST", "/admin/groups/{id}/mapping/remove", MANAGER, group_mapping.remove),
    # Audit
    Page("GET", "/admin/audit", MANAGER, audit.index),
    Page("GET", "/admin/audit/export.csv", MANAGER, audit.export_csv),
    Page("GET", "/admin/audit/export.jsonl", MANAGER, audit.export_jsonl),
    Page("GET", "/admin/audit/{id}", MANAGER, audit.show),
)
