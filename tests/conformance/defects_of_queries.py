"""Bad servers: lists, filters, order, projection, cursors."""

import re
from typing import Any

from tests.conformance.alterations import (
    Defect,
    answered,
    body,
    both,
    drop,
    filters,
    on,
    refuse,
    resources,
    setting,
    when,
    with_parameter,
    without,
)
from tests.conformance.proxy import Exchange

LIST = on("GET", path="^/(Users|Groups|Roles|Sites)$")
SEARCH = on("POST", path=r"\.search$")
ROOT = on("POST", path=r"^/\.search$")
BAD_FILTER = both(on("GET", "POST"), answered(400))


def empty_list(exchange: Exchange) -> None:
    """Nothing found, in good form."""
    urn = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    exchange.status = 200
    exchange.answer = {"schemas": [urn], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []}


def lists(edit: Any) -> Any:
    """Edited list messages."""

    def changed(exchange: Exchange) -> None:
        if isinstance(exchange.answer, dict) and "totalResults" in exchange.answer:
            edit(exchange.answer)

    return when(lambda exchange: LIST(exchange) or SEARCH(exchange), changed)


def page_total(message: dict[str, Any]) -> None:
    """A total that counts one page."""
    message["totalResults"] = len(message.get("Resources", []))


def backwards(message: dict[str, Any]) -> None:
    """Everything the other way round."""
    message["Resources"] = message.get("Resources", [])[::-1]


def of_type(name: str) -> Any:
    """Only resources of one type."""

    def edit(message: dict[str, Any]) -> None:
        message["Resources"] = [each for each in message["Resources"] if each["meta"]["resourceType"] == name]
        message["totalResults"] = len(message["Resources"])

    return edit


def first_page_only(exchange: Exchange) -> None:
    """The same cursor again and again."""
    if exchange.parameter("cursor"):
        exchange.query = [(name, "" if name == "cursor" else value) for name, value in exchange.query]
    if SEARCH(exchange) and isinstance(exchange.body, dict) and exchange.body.get("cursor"):
        exchange.body["cursor"] = ""


def any_cursor(exchange: Exchange) -> None:
    """Take what is no cursor for the first page."""
    if LIST(exchange) and exchange.parameter("cursor") and exchange.status == 400:
        empty_list(exchange)


def operator(old: str, new: str) -> Any:
    """One operator taken for another."""
    return filters(lambda text: re.sub(rf" {old} ", f" {new} ", text, flags=re.IGNORECASE))


def lower_values(text: str) -> str:
    """Every value in small letters."""
    return re.sub(r'"[^"\\]*"', lambda found: found[0].lower(), text)


def case_is_unknown(exchange: Exchange) -> None:
    """externalId compared without case: look for every spelling."""
    pattern = re.compile(r'externalId eq "([^"]*)"')

    def every(found: re.Match[str]) -> str:
        word = found[1].split()[-1]
        return "(" + " or ".join(f'externalId eq "{found[1][: -len(word)]}{form}"' for form in ("Key", "key")) + ")"

    filters(lambda text: pattern.sub(every, text))(exchange)


def names_have_case(exchange: Exchange) -> None:
    """Refuse names that are not spelled as in the schema."""
    for text in (exchange.parameter("filter") or "", exchange.parameter("sortBy") or ""):
        if re.search(r"\b(TITLE|USERNAME|NICKNAME)\b|\b(Eq|AND|NOT|PR)\b", text):
            refuse(400, "invalidFilter")(exchange)


def values_have_case(exchange: Exchange) -> None:
    """Find nothing in other letter case."""
    text = exchange.parameter("filter") or ""
    if re.search(r'"[^"]*(BRAVO|HARL|CONFORMANCE|É)[^"]*"', text):
        exchange.memory["nothing"] = True
        empty_list(exchange)


def loose_brackets(text: str) -> str:
    """Brackets that apply to any value."""
    return re.sub(
        r"(\w+)\[([^\]]*)\]",
        lambda found: "(" + re.sub(r"\b(type|value)\b(?= )", rf"{found[1]}.\1", found[2]) + ")",
        text,
    )


def no_urns(exchange: Exchange) -> None:
    """Refuse fully qualified names."""
    for name, value in exchange.query:
        if (
            name in ("filter", "attributes", "excludedAttributes", "sortBy")
            and "urn:" in value.split(" eq ")[0].lower()
        ):
            refuse(400, "invalidFilter")(exchange)


def attributes_have_case(exchange: Exchange) -> None:
    """Know attributes only as the schema spells them."""
    exchange.query = [
        (name, value.replace("USERNAME", "x").replace("NAME.GIVENNAME", "x") if name == "attributes" else value)
        for name, value in exchange.query
    ]


def whole_attributes(exchange: Exchange) -> None:
    """Return whole attributes where parts were asked for."""
    exchange.query = [
        (name, ",".join(part.partition(".")[0] for part in value.split(",")) if "ttributes" in name else value)
        for name, value in exchange.query
    ]


def unknown_is_refused(exchange: Exchange) -> None:
    """Refuse unknown names and parameters."""
    known = {"filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"}
    strange = {name for name, _ in exchange.query} - known
    if strange or "nothing" in (exchange.parameter("attributes") or ""):
        refuse(400, "invalidValue")(exchange)


FOUND_BY_FILTER = (
    "only-matching-resources-are-returned",
    "eq-finds-identical-values",
    "ne-finds-other-values",
    "co-finds-parts",
    "sw-finds-beginnings",
    "ew-finds-ends",
    "pr-finds-what-has-a-value",
    "gt-and-ge-compare-texts",
    "lt-and-le-compare-texts",
    "and-needs-both",
    "or-needs-either",
    "not-inverts",
    "and-comes-before-or",
    "not-comes-before-and",
    "parentheses-change-the-order",
    "one-of-several-values-is-enough",
    "a-multi-valued-attribute-may-stand-for-its-values",
    "sub-attributes-are-named-with-a-dot",
    "brackets-hold-whole-filters",
    "brackets-combine-with-the-rest",
    "a-boolean-literal-is-understood",
    "a-string-literal-is-a-json-string",
    "null-means-no-value",
    "resources-are-found-by-the-schemas-they-use",
    "common-attributes-can-be-filtered",
    "groups-are-found-by-name-and-member",
    "a-search-at-the-root-spans-resource-types",
    "a-search-at-the-root-can-be-restricted-to-a-type",
    "a-search-is-a-query-in-a-body",
    "what-was-deleted-is-not-found",
    "no-match-is-an-empty-list",
    "attributes-of-an-extension-can-be-filtered",
    "names-in-filters-may-be-fully-qualified",
    "an-unassigned-attribute-is-not-present",
    "a-defaulted-attribute-has-the-value-that-was-returned",
)
REFUSED_FILTERS = (
    "order-of-booleans-is-refused",
    "order-of-binaries-is-refused",
    "an-unknown-operator-is-refused",
    "a-filter-without-expression-is-refused",
    "an-incomplete-expression-is-refused",
    "what-is-no-filter-of-the-grammar-is-refused",
    "an-impossible-comparison-is-refused",
    "a-malformed-search-is-refused",
    "a-count-that-is-no-number-is-refused",
)

DEFECTS = (
    # --- lists and pages
    Defect(
        "lists are of no schema",
        ("a-list-is-a-list-response", "each-endpoint-can-be-queried"),
        reply=lists(without("schemas")),
    ),
    Defect("totals are text", ("total-results-is-a-number",), reply=lists(setting(totalResults=lambda old: str(old)))),
    Defect(
        "totals count a page",
        (
            "total-results-counts-all-pages",
            "no-more-than-count-are-returned",
            "a-negative-count-is-zero",
            "a-count-of-zero-gives-only-the-total",
            "beyond-the-end-is-an-empty-page",
            "the-total-is-that-of-all-pages",
        ),
        reply=lists(page_total),
    ),
    Defect(
        "lists hold little",
        ("resources-are-listed-whole", "resources-of-every-type-have-the-common-attributes"),
        reply=when(LIST, resources(without("meta"))),
    ),
    Defect(
        "no match is 404",
        ("no-match-is-an-empty-list", "what-was-deleted-is-not-found"),
        reply=lambda exchange: (
            refuse(404)(exchange)
            if LIST(exchange) and isinstance(exchange.answer, dict) and exchange.answer.get("totalResults") == 0
            else None
        ),
    ),
    Defect(
        "unknown names and parameters are refused",
        ("unknown-parameters-are-ignored", "an-unknown-name-does-not-spoil-the-answer"),
        request=unknown_is_refused,
    ),
    Defect(
        "the root holds only users",
        (
            "a-search-at-the-root-spans-resource-types",
            "the-root-holds-every-resource-type",
            "a-search-at-the-root-can-be-restricted-to-a-type",
            "an-attribute-that-a-type-lacks-has-no-value",
        ),
        reply=when(ROOT, lists(of_type("User"))),
    ),
    Defect(
        "foreign attributes are refused at the root",
        ("an-attribute-that-a-type-lacks-has-no-value",),
        request=when(
            ROOT, lambda exchange: refuse(400, "invalidFilter")(exchange) if "userName" in str(exchange.body) else None
        ),
    ),
    Defect(
        "startIndex is refused below one",
        ("a-start-index-below-one-is-one",),
        request=when(
            lambda exchange: re.match("0|-", exchange.parameter("startIndex") or "1") is not None, refuse(400)
        ),
    ),
    Defect(
        "count is ignored",
        (
            "a-negative-count-is-zero",
            "a-count-of-zero-gives-only-the-total",
            "no-more-than-count-are-returned",
            "pages-cover-everything-once",
            "no-more-than-count-are-on-a-page",
            "an-empty-cursor-begins",
            "every-page-but-the-last-has-a-next-cursor",
            "a-count-of-zero-or-less-gives-only-the-total-with-a-cursor",
            "pages-are-cut-from-the-sorted-list",
        ),
        request=drop("count"),
    ),
    Defect(
        "startIndex is ignored",
        (
            "a-page-tells-where-it-starts",
            "pages-cover-everything-once",
            "beyond-the-end-is-an-empty-page",
            "pages-are-cut-from-the-sorted-list",
            "a-search-takes-pages",
            "without-cursor-the-announced-method-is-used",
        ),
        request=drop("startIndex"),
    ),
    Defect(
        "pages do not say what they are",
        ("a-page-tells-where-it-starts", "a-page-tells-how-many-it-holds"),
        reply=lists(without("startIndex", "itemsPerPage")),
    ),
    Defect(
        "bad parameters are ignored",
        REFUSED_FILTERS,
        reply=lambda exchange: (
            empty_list(exchange) if (LIST(exchange) or SEARCH(exchange)) and exchange.status == 400 else None
        ),
    ),
    Defect(
        "pages are longer than announced",
        ("no-page-is-longer-than-announced",),
        reply=when(on("GET", path="^/ServiceProviderConfig"), body(setting(filter__maxResults=1))),
        request=lambda exchange: exchange.query.__setitem__(
            slice(None), [(name, "50" if (name, value) == ("count", "2") else value) for name, value in exchange.query]
        ),
    ),
    Defect(
        "there is no search",
        (
            "a-search-is-a-query-in-a-body",
            "a-search-takes-attribute-lists",
            "a-search-takes-a-cursor",
        ),
        reply=when(SEARCH, refuse(404)),
    ),
    # --- filters
    Defect("filters are ignored", FOUND_BY_FILTER, request=drop("filter")),
    Defect("eq means co", ("eq-finds-identical-values",), request=operator("eq", "co")),
    Defect("ne means eq", ("ne-finds-other-values",), request=operator("ne", "eq")),
    Defect("co means sw", ("co-finds-parts",), request=operator("co", "sw")),
    Defect("sw means co", ("sw-finds-beginnings",), request=operator("sw", "co")),
    Defect("ew means co", ("ew-finds-ends",), request=operator("ew", "co")),
    Defect("gt means ge", ("gt-and-ge-compare-texts",), request=operator("gt", "ge")),
    Defect("le means lt", ("lt-and-le-compare-texts",), request=operator("le", "lt")),
    Defect(
        "times are compared the wrong way",
        ("times-are-compared-as-instants",),
        request=filters(lambda text: re.sub(r"(meta.\w+) g[te]", r"\1 lt", text)),
    ),
    Defect(
        "zones are ignored",
        ("an-instant-may-be-written-in-any-zone",),
        request=filters(lambda text: re.sub(r"[+-]\d\d:\d\d\"", 'Z"', text)),
    ),
    Defect("or means and", ("or-needs-either", "and-comes-before-or"), request=operator("or", "and")),
    Defect(
        "and means or",
        ("and-needs-both", "and-comes-before-or"),
        request=filters(lambda text: re.sub(r"(?<=.{40}) and ", " or ", text)),
    ),
    Defect(
        "not is ignored",
        ("not-inverts", "not-comes-before-and", "brackets-hold-whole-filters"),
        request=filters(lambda text: text.replace("not (", "(")),
    ),
    Defect(
        "parentheses are ignored",
        ("parentheses-change-the-order",),
        request=filters(lambda text: re.sub(r"\((\w+ eq \"[^\"]*\" or \w+ eq \"[^\"]*\")\)", r"\1", text)),
    ),
    Defect(
        "names and operators have a case",
        ("names-and-operators-have-no-case", "names-to-sort-by-have-no-case"),
        request=names_have_case,
    ),
    Defect("externalId has no case", ("a-case-exact-text-is-compared-with-case",), request=case_is_unknown),
    Defect(
        "texts have a case",
        ("other-texts-are-compared-without-case", "letters-beyond-ascii-have-no-case-either"),
        request=values_have_case,
    ),
    Defect(
        "every value is primary",
        ("a-value-is-not-primary-unless-it-says-so",),
        request=filters(lambda text: text.replace("primary eq true", "type pr")),
    ),
    Defect("brackets apply to any value", ("brackets-apply-to-one-value",), request=filters(loose_brackets)),
    Defect(
        "full names are refused",
        (
            "names-in-filters-may-be-fully-qualified",
            "attributes-of-an-extension-can-be-filtered",
            "attributes-of-an-extension-can-be-chosen",
            "names-to-return-may-be-fully-qualified",
            "extensions-can-be-sorted-by",
        ),
        request=no_urns,
    ),
    Defect(
        "unknown operators are not explained",
        ("an-unknown-operator-is-refused",),
        reply=when(BAD_FILTER, body(without("detail", "scimType"))),
    ),
    Defect(
        "times are found by no zone",
        ("times-are-compared-as-instants", "common-attributes-can-be-filtered"),
        request=when(
            lambda exchange: (
                "meta.lastModified" in (exchange.parameter("filter") or "")
                or "meta.created" in (exchange.parameter("filter") or "")
            ),
            empty_list,
        ),
    ),
    Defect(
        "filters by password are answered",
        ("a-filter-by-password-in-the-uri-is-forbidden",),
        reply=when(answered(403), empty_list),
    ),
    # --- order
    Defect(
        "order is ignored",
        (
            "sort-order-can-be-chosen",
            "without-a-value-comes-last",
            "texts-are-sorted-without-case",
            "sub-attributes-can-be-sorted-by",
            "times-are-sorted-by-time",
            "extensions-can-be-sorted-by",
            "pages-are-cut-from-the-sorted-list",
            "a-search-can-be-sorted",
            "pages-by-cursor-are-sorted",
            "names-to-sort-by-have-no-case",
        ),
        request=drop("sortBy", "sortOrder"),
    ),
    Defect(
        "order is the other way round",
        (
            "sorting-is-ascending-unless-asked",
            "several-values-are-sorted-by-the-primary-one",
            "case-exact-texts-are-sorted-with-case",
            "without-a-value-comes-last",
        ),
        reply=lists(backwards),
    ),
    # --- what is returned
    Defect(
        "projection is ignored",
        (
            "attributes-chooses-what-is-returned",
            "excluded-attributes-are-left-out",
            "what-is-always-returned-cannot-be-excluded",
            "the-minimum-set-is-always-returned",
            "sub-attributes-can-be-chosen",
            "sub-attributes-can-be-excluded",
            "sub-attributes-of-several-values-can-be-chosen",
            "a-creation-can-be-answered-in-part",
            "a-replacement-can-be-answered-in-part",
            "a-patch-can-be-answered-in-part",
            "members-can-be-left-out",
            "names-to-return-have-no-case",
            "names-to-return-may-be-fully-qualified",
            "attributes-of-an-extension-can-be-chosen",
            "a-search-takes-attribute-lists",
        ),
        request=drop("attributes", "excludedAttributes"),
    ),
    Defect("attributes have a case", ("names-to-return-have-no-case",), request=attributes_have_case),
    Defect(
        "only whole attributes are returned",
        (
            "sub-attributes-can-be-chosen",
            "sub-attributes-can-be-excluded",
            "sub-attributes-of-several-values-can-be-chosen",
        ),
        request=whole_attributes,
    ),
    Defect(
        "complex attributes are returned in part",
        ("a-complex-attribute-is-returned-whole",),
        reply=when(with_parameter("attributes"), resources(without("name.familyName"))),
    ),
    Defect(
        "what is always returned can be excluded",
        ("what-is-always-returned-cannot-be-excluded",),
        reply=when(with_parameter("excludedAttributes"), resources(without("id"))),
    ),
    # --- cursors
    Defect(
        "cursors are ignored",
        (
            "an-empty-cursor-begins",
            "every-page-but-the-last-has-a-next-cursor",
            "a-forged-cursor-is-refused",
            "a-search-takes-a-cursor",
            "an-altered-cursor-is-noticed",
            "the-first-page-has-no-previous-cursor",
            "pages-by-cursor-cover-everything-once",
        ),
        request=drop("cursor"),
    ),
    Defect(
        "there is always a next page",
        ("the-last-page-has-no-next-cursor",),
        reply=lists(lambda message: message.setdefault("nextCursor", "x")),
    ),
    Defect(
        "there is always a previous page",
        ("the-first-page-has-no-previous-cursor",),
        reply=lists(lambda message: message.setdefault("previousCursor", "x")),
    ),
    Defect(
        "every page is the first",
        (
            "pages-by-cursor-cover-everything-once",
            "a-previous-cursor-leads-back",
            "a-search-takes-a-cursor",
        ),
        request=first_page_only,
    ),
    Defect(
        "the previous page is the next",
        ("a-previous-cursor-leads-back",),
        reply=lists(
            lambda message: (
                message.update(previousCursor=message["nextCursor"])
                if "previousCursor" in message and "nextCursor" in message
                else None
            )
        ),
    ),
    Defect(
        "cursors hold other characters",
        ("a-cursor-has-only-unreserved-characters",),
        reply=lists(
            lambda message: message.update(nextCursor=message["nextCursor"] + "=") if "nextCursor" in message else None
        ),
        request=lambda exchange: exchange.query.__setitem__(
            slice(None), [(name, value.rstrip("=") if name == "cursor" else value) for name, value in exchange.query]
        ),
    ),
    Defect("any cursor is good", ("a-forged-cursor-is-refused", "an-altered-cursor-is-noticed"), reply=any_cursor),
    Defect(
        "cursors without being asked",
        ("without-cursor-the-announced-method-is-used",),
        reply=lists(lambda message: message.setdefault("nextCursor", "x")),
    ),
    Defect(
        "too large a count is a fault",
        ("a-count-beyond-the-maximum-is-refused-or-cut",),
        reply=when(both(with_parameter("cursor"), answered(400)), refuse(500)),
    ),
)
