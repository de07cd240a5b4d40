"""The limits that are part of the product, from the modules that enforce them."""

from typing import NamedTuple

from mdscripts import bootstrap, storage
from mdscripts.app import authentication, groups
from mdscripts.cli import http_protocol
from mdscripts.domain import email, names, organization, passwords, sites, violations
from mdscripts.scim import (
    bulk,
    discovery,
    filter_grammar,
    filter_lexer,
    messages,
    patch,
    patch_members,
    patch_targets,
    scalars,
)
from mdscripts.web.scim import application, root_search


class Limit(NamedTuple):
    """What is limited, how much, in which unit, and the answer beyond it."""

    what: str
    amount: int
    unit: str
    beyond: str


_JSON = scalars.Limits()

LIMITS = tuple(
    Limit(*row)
    for row in (
        ("URL", http_protocol.URL_BYTES, "bytes", "414; use POST `/.search`"),
        ("headers of a request", http_protocol.HEADER_BYTES, "bytes", "431"),
        ("requests of a connection that wait for an answer", http_protocol.PIPELINED_MAX, "requests", "503"),
        ("query string", application.QUERY_BYTES, "bytes", "414; use POST `/.search`"),
        ("filter length", filter_lexer.LENGTH_MAX, "characters", "400 `invalidFilter`"),
        ("filter depth", filter_lexer.DEPTH_MAX, "levels", "400 `invalidFilter`"),
        ("filter terms", filter_grammar.TERMS_MAX, "", "400 `invalidFilter`"),
        ("path length", filter_lexer.LENGTH_MAX, "characters", "400 `invalidPath`"),
        ("names in `attributes` or `excludedAttributes`", messages.NAMES_MAX, "", "400 `invalidValue`"),
        ("records one list may read without an index", storage.WORK_BUDGET, "", "400 `tooMany`"),
        ("results a sorted `/.search` on the root reaches", root_search.MERGED_RESULTS, "", "400 `tooMany`"),
        ("life of a cursor", int(bootstrap.CURSOR_LIFETIME.total_seconds()), "seconds", "400 `expiredCursor`"),
        ("operations of a PATCH", patch.OPERATIONS_MAX, "", "400 `tooMany`"),
        ("value filters of a PATCH", patch_targets.SELECTIONS_MAX, "", "400 `tooMany`"),
        ("values a PATCH may look at", patch.VISITED_MAX, "", "400 `tooMany`"),
        ("members named in a PATCH", patch_members.MEMBERS_MAX, "", "400 `tooMany`"),
        ("members added or removed in one request", groups.MEMBERS_PER_REQUEST, "", "413"),
        ("operations of a bulk request", discovery.ServiceFeatures().max_operations, "", "413"),
        ("depth of the data of a bulk operation", bulk.DEPTH_MAX, "levels", "400 `invalidSyntax`"),
        ("values of a multi-valued attribute", _JSON.values, "", "400 `invalidValue`"),
        ("text of an attribute", _JSON.string_length, "characters", "400 `invalidValue`"),
        ("binary value, in base64", _JSON.binary_length, "characters", "400 `invalidValue`"),
        ("depth of a value", _JSON.depth, "levels", "400 `invalidValue`"),
        ("email address, user name", email.ADDRESS_LENGTH_LIMIT, "characters", "400 `invalidValue` EM-03, UN-14"),
        ("emails of a person", email.EMAILS_LIMIT, "", "400 `invalidValue`"),
        ("given name, family name", names.NAME_LENGTH_LIMIT, "characters", "400 `invalidValue` NM-13"),
        ("sites of a person", sites.SITES_LIMIT, "", "400 `invalidValue` SI-13"),
        ("text of a refusal", violations.DETAIL_LIMIT, "characters", "it ends in “and N more”"),
        ("look-ups of unknown tokens", authentication.UNKNOWN_LOOKUPS_PER_SECOND, "a second", "429"),
        ("life of a token, if it has one", organization.EXPIRY_DAYS_MAX, "days", "refused"),
        ("password, at least", passwords.LENGTH_MIN, "characters", "refused"),
        ("password, at most", passwords.LENGTH_MAX, "characters", "refused"),
    )
)
