"""Bad servers: PUT, PATCH, bulk requests, media types, errors, versions."""

import json
from typing import Any

from tests.conformance.alterations import (
    ENTERPRISE,
    ERROR,
    Defect,
    answered,
    body,
    both,
    header,
    on,
    refuse,
    resources,
    sends,
    sent,
    setting,
    status,
    when,
    without,
)
from tests.conformance.proxy import Exchange

PUT = on("PUT", path="^/(Users|Groups)/")
PATCH = on("PATCH", path="^/(Users|Groups)/")
BULK = on("POST", path="^/Bulk$")
GET_ONE = on("GET", path="^/(Users|Groups)/")
REFUSED = answered(400, 401, 403, 404, 405, 409, 412, 413, 415)


def put_reads(exchange: Exchange) -> None:
    """Answer PUT with what is there already."""
    other = exchange.ask("GET", exchange.path, None)
    exchange.status, exchange.answer = other.status, other.answer


def one_by_one(exchange: Exchange) -> None:
    """Apply the operations of a PATCH one after the other, whatever becomes of the rest."""
    listed = exchange.body.get("Operations") if isinstance(exchange.body, dict) else None
    for each in listed[:-1] if isinstance(listed, list) else ():
        exchange.ask("PATCH", exchange.path, {**exchange.body, "Operations": [each]})


def operations(edit: Any) -> Any:
    """Edited PATCH operations."""

    def changed(exchange: Exchange) -> None:
        listed = exchange.body.get("Operations") if isinstance(exchange.body, dict) else None
        if isinstance(listed, list):
            exchange.body["Operations"] = [each for each in map(edit, listed) if each is not None]

    return when(PATCH, changed)


def only(op: str) -> Any:
    """PATCH that forgets one kind of operation."""
    return operations(lambda each: None if isinstance(each, dict) and each.get("op") == op else each)


def no_path(op: str) -> Any:
    """PATCH that knows an operation without path only as a fault."""

    def changed(exchange: Exchange) -> None:
        listed = exchange.body.get("Operations") if isinstance(exchange.body, dict) else None
        if isinstance(listed, list) and any(
            isinstance(e, dict) and e.get("op") == op and "path" not in e for e in listed
        ):
            refuse(400, "noTarget")(exchange)

    return when(PATCH, changed)


def whole_value(each: Any) -> Any:
    """A selection taken for the whole attribute."""
    if isinstance(each, dict) and "[" in str(each.get("path", "")):
        return {**each, "path": each["path"].partition("[")[0]}
    return each


def names_have_case(exchange: Exchange) -> None:
    """Refuse paths in other letter case, or with a URN of the core schema."""
    if PATCH(exchange) and (sends('"TITLE"')(exchange) or sends("core:2.0:User:")(exchange)):
        refuse(400, "invalidPath")(exchange)


def same_is_noted(exchange: Exchange) -> None:
    """Call every PATCH a change."""
    counter = exchange.memory
    if PATCH(exchange):
        counter["changes"] = counter.get("changes", 0) + 1
    if exchange.method == "GET" and counter.get("changes"):
        resources(setting(meta__lastModified=f"2099-01-01T00:00:{counter['changes'] % 60:02d}Z"))(exchange)


def results(edit: Any) -> Any:
    """Edited results of a bulk request."""

    def changed(exchange: Exchange) -> None:
        if isinstance(exchange.answer, dict) and isinstance(exchange.answer.get("Operations"), list):
            for each in exchange.answer["Operations"]:
                edit(each)

    return when(BULK, changed)


def bulk_sends(edit: Any) -> Any:
    """Edited operations of a bulk request."""

    def changed(exchange: Exchange) -> None:
        for each in exchange.body.get("Operations", []) if isinstance(exchange.body, dict) else ():
            edit(each)

    return when(BULK, changed)


def forget_references(operation: dict[str, Any]) -> None:
    """Leave out what refers to another operation."""
    data = operation.get("data", {})
    data.pop("members", None)
    data.pop(ENTERPRISE, None)


def forward_only(exchange: Exchange) -> None:
    """Refuse references to later operations."""
    listed = exchange.body.get("Operations", []) if isinstance(exchange.body, dict) else []
    for place, each in enumerate(listed):
        later = {other.get("bulkId") for other in listed[place + 1 :]}
        if any(f"bulkId:{name}" in str(each.get("data")) for name in later if name):
            refuse(400, "invalidValue")(exchange)


def last_result(exchange: Exchange) -> None:
    """Only the last result."""
    if isinstance(exchange.answer, dict) and "Operations" in exchange.answer:
        exchange.answer["Operations"] = exchange.answer["Operations"][-1:]


def all_or_nothing(exchange: Exchange) -> None:
    """Refuse a bulk request of which anything was refused."""
    listed = exchange.answer.get("Operations", []) if isinstance(exchange.answer, dict) else []
    if any(str(each.get("status", "")).startswith("4") for each in listed):
        refuse(400)(exchange)


def changing_etag(exchange: Exchange) -> None:
    """Another version at every look."""
    exchange.memory["looks"] = exchange.memory.get("looks", 0) + 1
    if exchange.header("etag"):
        exchange.set_header("ETag", f'W/"{exchange.memory["looks"]}"')


def constant_etag(exchange: Exchange) -> None:
    """One version for everything."""
    if exchange.header("etag"):
        exchange.set_header("ETag", 'W/"1"')
        resources(setting(meta__version='W/"1"'))(exchange)


def drop_conditions(*names: str) -> Any:
    """Ignored conditions."""

    def changed(exchange: Exchange) -> None:
        for name in names:
            exchange.headers.pop(name, None)

    return changed


def media_type(exchange: Exchange) -> None:
    """Plain JSON in every answer."""
    if exchange.header("content-type"):
        exchange.set_header("Content-Type", "application/json")


def in_latin_1(exchange: Exchange) -> None:
    """Bodies in another encoding."""
    if exchange.resources:
        exchange.answer = json.dumps(exchange.answer, ensure_ascii=False).encode("latin-1", "replace")


PATCH_ADDS = (
    "add-without-path-adds-attributes",
    "add-to-nothing-adds-the-attribute",
    "add-to-a-complex-attribute-adds-sub-attributes",
    "add-to-several-values-adds-one",
    "add-to-a-single-value-replaces-it",
    "add-makes-a-user-a-member",
    "add-with-a-selection-changes-the-selected",
    "add-of-a-whole-extension",
    "the-schema-of-an-extension-comes-with-its-attribute",
    "a-new-member-makes-a-new-version",
    "a-new-primary-value-replaces-the-old-one",
    "the-result-of-one-operation-is-the-target-of-the-next",
)
PATCH_REMOVES = (
    "remove-of-a-single-value-unassigns-it",
    "remove-of-a-complex-attribute-unassigns-it",
    "remove-of-all-values-unassigns-the-attribute",
    "remove-by-value-leaves-the-others",
    "remove-of-the-last-value-unassigns-the-attribute",
    "remove-by-sub-attributes-leaves-the-others",
    "remove-of-a-sub-attribute-leaves-the-value",
    "remove-of-one-member-leaves-the-others",
    "remove-of-all-members-leaves-the-group",
    "remove-of-an-extension-attribute",
    "operations-are-applied-in-order",
)
PATCH_REPLACES = (
    "replace-without-path-replaces-attributes",
    "replace-of-a-single-value",
    "replace-of-all-values",
    "replace-of-what-is-not-there-adds-it",
    "replace-of-a-complex-attribute-keeps-other-sub-attributes",
    "replace-with-a-selection-replaces-every-match",
    "replace-of-a-selected-sub-attribute-leaves-the-rest",
    "replace-leaves-other-attributes-alone",
    "replace-of-all-members",
    "replace-of-a-boolean",
    "replace-in-an-extension",
    "an-address-can-be-replaced-as-in-the-example",
    "a-patch-is-answered-with-200-or-204",
    "a-patch-can-be-answered-in-part",
    "a-patch-tells-the-new-version",
    "changes-and-deletions-work-in-bulk",
    "names-in-paths-have-no-case",
    "names-in-paths-may-be-fully-qualified",
)
PATCH_REFUSALS = (
    "a-patch-is-atomic",
    "a-failed-patch-is-explained",
    "a-read-only-attribute-cannot-be-patched",
    "a-body-without-operations-is-refused",
    "an-unknown-operation-is-refused",
    "a-malformed-path-is-refused",
    "a-path-to-no-attribute-is-refused",
    "a-value-of-the-wrong-type-is-refused",
    "a-name-that-is-taken-cannot-be-patched-in",
    "add-needs-a-value",
    "remove-without-path-has-no-target",
    "remove-of-what-is-required-is-refused",
    "remove-of-what-is-read-only-is-refused",
    "replace-with-a-selection-of-nothing-has-no-target",
    "members-themselves-cannot-be-changed",
    "a-stale-version-stops-a-patch",
    "what-was-deleted-cannot-be-patched",
    "every-refusal-is-an-error-message",
)

DEFECTS = (
    # --- PUT
    Defect(
        "PUT changes nothing",
        (
            "put-is-supported",
            "values-provided-replace-the-existing",
            "read-only-values-are-ignored-in-a-replacement",
            "null-and-empty-lists-clear-values-in-a-replacement",
            "an-extension-can-be-replaced",
            "members-are-replaced-as-a-whole",
            "a-group-can-be-renamed",
            "last-modified-follows-a-change",
            "a-change-makes-a-new-version",
            "a-current-version-lets-a-change-through",
            "a-replacement-can-be-answered-in-part",
        ),
        request=when(PUT, put_reads),
    ),
    Defect(
        "PUT is answered with little",
        ("a-replacement-is-answered-with-the-whole-resource", "put-is-supported"),
        reply=when(PUT, resources(without("title", "meta"))),
    ),
    Defect(
        "PUT accepts everything",
        (
            "a-replacement-needs-what-is-required",
            "a-name-that-is-taken-is-a-conflict",
            "a-stale-version-stops-a-replacement",
            "put-creates-nothing",
        ),
        reply=when(both(PUT, REFUSED), status(200)),
    ),
    Defect("PUT creates", ("put-creates-nothing",), reply=when(both(PUT, answered(404)), status(201, {"id": "1"}))),
    Defect(
        "PUT takes read-only values",
        ("read-only-values-are-ignored-in-a-replacement",),
        reply=when(PUT, lambda exchange: exchange.answer.update(exchange.body) if exchange.status == 200 else None),
    ),
    Defect(
        "what was read cannot be sent back",
        ("what-was-read-can-be-sent-back",),
        request=when(both(PUT, sends('"created"')), refuse(400, "mutability")),
    ),
    # --- PATCH
    Defect(
        "PATCH does not add", PATCH_ADDS, request=only("add"), reply=when(both(PATCH, answered(400)), status(204, None))
    ),
    Defect(
        "PATCH does not remove",
        PATCH_REMOVES,
        request=only("remove"),
        reply=when(both(PATCH, answered(400)), status(204, None)),
    ),
    Defect(
        "PATCH does nothing",
        PATCH_REPLACES,
        request=when(PATCH, status(204, None)),
        reply=when(
            BULK,
            body(
                lambda message: [
                    each.update(status="501") for each in message.get("Operations", []) if each.get("method") == "PATCH"
                ]
            ),
        ),
    ),
    Defect("PATCH refuses nothing", PATCH_REFUSALS, reply=when(both(PATCH, REFUSED), status(204, None))),
    Defect("PATCH is not atomic", ("a-patch-is-atomic",), request=when(PATCH, one_by_one)),
    Defect(
        "PATCH is always answered with 204",
        (
            "a-patch-with-attributes-is-answered-with-200",
            "a-patch-can-be-answered-in-part",
        ),
        reply=when(both(PATCH, answered(200)), status(204, None)),
    ),
    Defect(
        "PATCH is answered with 202",
        (
            "a-patch-is-answered-with-200-or-204",
            "add-of-what-is-there-succeeds",
            "add-of-a-member-twice-succeeds",
            "remove-of-a-stranger-succeeds",
        ),
        reply=when(both(PATCH, answered(200, 204)), status(202, None)),
    ),
    Defect(
        "PATCH is not explained",
        ("a-failed-patch-is-explained",),
        reply=when(both(PATCH, answered(400)), status(400, {"message": "no"})),
    ),
    Defect(
        "PATCH needs a path", ("add-without-path-adds-attributes", "add-of-a-whole-extension"), request=no_path("add")
    ),
    Defect(
        "PATCH needs a path to replace",
        ("replace-without-path-replaces-attributes", "replace-of-a-boolean"),
        request=no_path("replace"),
    ),
    Defect(
        "PATCH takes selections for everything",
        (
            "remove-by-value-leaves-the-others",
            "remove-by-sub-attributes-leaves-the-others",
            "remove-of-one-member-leaves-the-others",
            "replace-with-a-selection-replaces-every-match",
        ),
        request=operations(whole_value),
    ),
    Defect(
        "PATCH turns the order round",
        ("operations-are-applied-in-order", "the-result-of-one-operation-is-the-target-of-the-next"),
        request=when(
            PATCH,
            sent(
                lambda message: (
                    message.update(Operations=message["Operations"][::-1])
                    if isinstance(message.get("Operations"), list)
                    else None
                )
            ),
        ),
    ),
    Defect(
        "PATCH leaves two primary values",
        (
            "a-new-primary-value-replaces-the-old-one",
            "an-address-can-be-replaced-as-in-the-example",
        ),
        reply=when(GET_ONE, resources(setting(phoneNumbers__primary=True, addresses__primary=True))),
    ),
    Defect(
        "PATCH knows names in one spelling",
        ("names-in-paths-have-no-case", "names-in-paths-may-be-fully-qualified"),
        request=names_have_case,
    ),
    Defect(
        "PATCH forgets schemas",
        ("the-schema-of-an-extension-comes-with-its-attribute", "an-operation-may-build-on-a-schema-added-before"),
        reply=when(
            GET_ONE,
            resources(lambda each: each["schemas"].remove(ENTERPRISE) if ENTERPRISE in each["schemas"] else None),
        ),
    ),
    Defect(
        "every PATCH is a change",
        ("add-of-what-is-there-does-not-touch-last-modified", "add-of-a-member-twice-succeeds"),
        reply=same_is_noted,
    ),
    # --- bulk
    Defect(
        "bulk requests are answered with 207",
        ("a-bulk-request-is-answered-with-200",),
        reply=when(both(BULK, answered(200)), status(207)),
    ),
    Defect(
        "bulk answers are of no schema",
        ("a-bulk-answer-names-its-message",),
        reply=when(BULK, body(without("schemas"))),
    ),
    Defect(
        "bulk forgets results",
        ("every-operation-has-its-result", "the-bulk-id-comes-back"),
        reply=when(BULK, last_result),
    ),
    Defect("bulk forgets bulkId", ("the-bulk-id-comes-back",), reply=results(without("bulkId"))),
    Defect(
        "bulk forgets locations",
        (
            "the-location-of-each-operation-is-returned",
            "a-reference-to-a-new-resource-becomes-its-id",
        ),
        reply=results(without("location")),
    ),
    Defect(
        "bulk statuses are objects",
        ("each-status-is-a-text",),
        reply=results(lambda each: each.update(status={"code": each["status"]})),
    ),
    Defect("bulk explains nothing", ("a-failed-operation-carries-its-error",), reply=results(without("response"))),
    Defect(
        "bulk stops at the first error",
        (
            "a-failure-does-not-stop-the-rest",
            "every-operation-has-its-result",
            "an-impossible-operation-fails-alone",
        ),
        request=when(BULK, sent(setting(failOnErrors=1))),
    ),
    Defect("bulk never stops", ("fail-on-errors-stops-the-rest",), request=when(BULK, sent(without("failOnErrors")))),
    Defect(
        "bulk is all or nothing",
        (
            "a-failure-does-not-stop-the-rest",
            "a-failed-operation-carries-its-error",
            "an-impossible-operation-fails-alone",
        ),
        reply=when(BULK, all_or_nothing),
    ),
    Defect(
        "bulk only creates",
        ("changes-and-deletions-work-in-bulk",),
        request=when(both(BULK, sends('"method": "PUT"')), refuse(501)),
    ),
    Defect(
        "bulk forgets references",
        (
            "a-reference-to-a-new-resource-becomes-its-id",
            "a-reference-may-come-before-its-resource",
            "references-in-extensions-are-replaced",
            "a-circle-of-references-is-resolved-or-a-conflict",
        ),
        request=bulk_sends(forget_references),
    ),
    Defect(
        "bulk looks back only",
        (
            "a-reference-may-come-before-its-resource",
            "a-circle-of-references-is-resolved-or-a-conflict",
        ),
        request=when(BULK, forward_only),
    ),
    Defect("bulk ignores versions", ("a-stale-version-fails-its-operation",), request=bulk_sends(without("version"))),
    Defect("bulk forgets versions", ("the-version-of-each-resource-is-returned",), reply=results(without("version"))),
    Defect(
        "bulk limits are no 413",
        ("too-many-operations-are-413", "too-large-a-request-is-413"),
        reply=when(answered(413), status(400)),
    ),
    Defect(
        "bulk limits are not named",
        ("too-many-operations-are-413", "too-large-a-request-is-413"),
        reply=when(answered(413), body(setting(detail="Too much."))),
    ),
    # --- errors and media types
    Defect(
        "errors are HTML",
        (
            "every-refusal-is-an-error-message",
            "the-status-of-an-error-is-a-text",
            "a-401-carries-a-scim-error",
        ),
        reply=when(REFUSED, lambda exchange: status(exchange.status, b"<h1>Error</h1>")(exchange)),
    ),
    Defect(
        "errors have a media type of their own",
        ("errors-have-the-media-type-of-scim",),
        reply=when(REFUSED, header("Content-Type", "application/problem+json")),
    ),
    Defect(
        "errors have numbers",
        ("the-status-of-an-error-is-a-text", "a-401-carries-a-scim-error"),
        reply=when(REFUSED, body(setting(status=lambda old: int(old or 0)))),
    ),
    Defect(
        "errors have types of their own",
        ("the-type-of-an-error-is-a-defined-one",),
        reply=when(REFUSED, body(setting(scimType="badRequest"))),
    ),
    Defect(
        "errors have lists",
        ("the-detail-of-an-error-is-a-text",),
        reply=when(REFUSED, body(setting(detail=["a", "b"]))),
    ),
    Defect(
        "errors are of another schema",
        ("every-refusal-is-an-error-message",),
        reply=when(REFUSED, body(setting(schemas=lambda _: [ERROR.replace("Error", "Fault")]))),
    ),
    Defect(
        "broken bodies are faults",
        ("a-body-that-is-no-json-is-refused", "a-body-that-is-no-object-is-refused", "a-malformed-search-is-refused"),
        reply=when(both(on("POST"), answered(400)), refuse(500)),
    ),
    Defect("impossible methods work", ("an-impossible-method-is-refused",), reply=when(answered(405), status(200, {}))),
    Defect(
        "answers are plain JSON", ("answers-are-scim-unless-asked-otherwise", "scim-can-be-asked-for"), reply=media_type
    ),
    Defect(
        "plain JSON cannot be had",
        ("plain-json-can-be-asked-for",),
        request=lambda exchange: (
            refuse(406)(exchange) if exchange.headers.get("accept") == "application/json" else None
        ),
    ),
    Defect(
        "plain JSON cannot be sent",
        ("bodies-in-json-are-accepted",),
        request=lambda exchange: (
            refuse(415)(exchange) if exchange.headers.get("content-type") == "application/json" else None
        ),
    ),
    Defect("answers are in Latin 1", ("utf-8-is-the-encoding", "text-of-any-script-is-kept"), reply=in_latin_1),
    Defect("Me is unknown", ("me-is-answered-in-one-of-three-ways",), reply=when(on("GET", path="^/Me$"), refuse(404))),
    Defect(
        "Me does not say who",
        ("me-tells-where-the-resource-is",),
        request=when(on("GET", path="^/Me$"), status(200, {"id": "1"})),
    ),
    Defect(
        "every protocol version is the second",
        ("another-protocol-version-is-refused",),
        reply=when(on("GET", path="^!.*/v1/"), status(200, {})),
    ),
    # --- versions
    Defect(
        "versions are not in the header",
        ("versions-are-in-the-header", "version-equals-the-etag-header", "versions-are-in-meta"),
        reply=header("ETag"),
    ),
    Defect(
        "versions are not in meta",
        ("versions-are-in-meta", "version-equals-the-etag-header", "a-version-is-an-entity-tag"),
        reply=resources(without("meta.version")),
    ),
    Defect(
        "versions never change",
        ("a-change-makes-a-new-version", "a-patch-tells-the-new-version", "a-new-member-makes-a-new-version"),
        reply=constant_etag,
    ),
    Defect("versions always change", ("reading-does-not-make-a-new-version",), reply=changing_etag),
    Defect(
        "conditions are ignored",
        (
            "what-has-not-changed-is-304",
            "a-stale-version-stops-a-replacement",
            "a-stale-version-stops-a-patch",
            "a-stale-version-stops-a-deletion",
        ),
        request=drop_conditions("if-match", "if-none-match"),
    ),
    Defect(
        "304 for everybody",
        ("what-has-changed-is-returned",),
        request=lambda exchange: status(304, None)(exchange) if "if-none-match" in exchange.headers else None,
    ),
    Defect(
        "412 for everybody",
        ("a-current-version-lets-a-change-through", "a-stale-version-stops-a-patch"),
        request=lambda exchange: refuse(412)(exchange) if "if-match" in exchange.headers else None,
    ),
)
