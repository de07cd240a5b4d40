"""``POST /Bulk`` (RFC 7644 §3.7): each operation runs as a request of its own, atomic by itself."""

from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from mdscripts import telemetry
from mdscripts.app.ports import StorageUnavailable
from mdscripts.app.refusals import RefusalLog
from mdscripts.scim.bulk import (
    BulkLimits,
    BulkOperation,
    BulkRequest,
    bulk_response,
    operation_result,
    parse_bulk,
    plan,
    resolve,
    resolve_path,
    strip_unresolved,
)
from mdscripts.scim.errors import InvalidValue, ScimError
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse, fault, refusal, unreachable
from mdscripts.web.scim.router import Router

log = telemetry.logger(__name__)

_IN_A_PATH = "/:@!$&'()*+,;="
"""What a URI has in a path as it is, besides letters and digits (RFC 3986 §3.3)."""


class BulkEndpoint:
    """Runs the operations in an order that resolves references, and answers in the client's order."""

    def __init__(self, router: Router, base_url: str, limits: BulkLimits, refusals: RefusalLog) -> None:
        self._router = router
        self._base_url = base_url
        self._limits = limits
        self._refusals = refusals

    async def run(self, request: ScimRequest) -> ScimResponse:
        """``POST /Bulk``. Raises PayloadTooLarge, InvalidSyntax, InvalidValue for the request itself."""
        bulk = parse_bulk(request.json(), self._limits, size=len(request.body))
        answers = await _Run(request, bulk, self._router, self._base_url, self._refusals).answers_in_order()
        return ScimResponse(200, bulk_response(answers))


@dataclass(slots=True)
class _Postponed:
    """A resource that was created without some references: what adds them, and which are still open."""

    index: int
    path: str
    addition: Mapping[str, object]
    open: set[str]
    created: ScimResponse


class _Run:
    """One bulk request while it runs."""

    def __init__(
        self, request: ScimRequest, bulk: BulkRequest, router: Router, base_url: str, refusals: RefusalLog
    ) -> None:
        self._request = request
        self._bulk = bulk
        self._router = router
        self._base_url = base_url
        self._refusals = refusals
        self._ids: dict[str, str] = {}
        self._answers: dict[int, bytes] = {}
        self._failures = 0
        self._out_of_reach = False
        self._coming = {operation.bulk_id for operation in bulk.operations if operation.method == "POST"}
        self._waiting: dict[str, list[_Postponed]] = defaultdict(list)

    async def answers_in_order(self) -> list[bytes]:
        """Perform the operations; the answers of those that were processed, in the client's order."""
        for index in plan(self._bulk.operations):
            if self._gives_up():
                break
            await self._settle(index, self._perform(index, self._bulk.operations[index]))
        for postponed in {each.index: each for some in self._waiting.values() for each in some}.values():
            await self._settle(postponed.index, self._complete(postponed))
        return [self._answers[index] for index in sorted(self._answers)]

    def _gives_up(self) -> bool:
        return self._bulk.fail_on_errors is not None and self._failures >= self._bulk.fail_on_errors

    async def _settle(self, index: int, performing: Awaitable[ScimResponse | None]) -> None:
        """Keep the answer of an operation, unless it waits for others. What fails is its own failure only."""
        operation = self._bulk.operations[index]
        try:
            response = await performing
        except ScimError as error:
            await self._refusals.record(
                self._request.call, operation.method, operation.segments, orjson.dumps(operation.data), error
            )
            self._fail(index, refusal(error))
        except StorageUnavailable:
            if not self._answers:  # nothing was done yet: the whole request can be repeated
                raise
            self._out_of_reach = True
            self._fail(index, refusal(unreachable()))
        except Exception:
            request_id = self._request.call.request_id
            log.exception("unexpected_fault", request_id=request_id, operation=index)
            self._fail(index, refusal(fault(request_id)))
        else:
            if response is not None:
                self._answers[index] = operation_result(
                    operation,
                    response.status,
                    location=response.headers.get("Location") or self._location(operation),
                    version=response.headers.get("ETag"),
                )

    def _fail(self, index: int, response: ScimResponse) -> None:
        operation = self._bulk.operations[index]
        self._failures += 1
        self._answers[index] = operation_result(
            operation, response.status, location=self._location(operation), response=response.body
        )

    async def _perform(self, index: int, operation: BulkOperation) -> ScimResponse | None:
        """The answer of an operation; None while it waits for references that close a circle."""
        if self._out_of_reach:
            raise unreachable()
        if operation.method == "POST":
            self._coming.discard(operation.bulk_id)
        if operation.refusal is not None:
            raise operation.refusal
        missing = operation.references - self._ids.keys()
        data, addition = operation.data, None
        if missing:
            self._require_possible(operation, missing)
            data, addition = strip_unresolved(operation.data or {}, missing)
        path = resolve_path(operation.path, self._ids)
        response = await self._send(operation.method, path, data, operation.version)
        if operation.method != "POST" or operation.bulk_id is None:
            return response
        resource_id = str(orjson.loads(response.body)["id"])
        if addition is not None:
            self._postpone(_Postponed(index, f"{path}/{resource_id}", addition, set(missing), response))
        await self._created(operation.bulk_id, resource_id)
        return response if addition is None else None

    def _require_possible(self, operation: BulkOperation, missing: frozenset[str]) -> None:
        """A reference may be open only in a POST, and only if its own operation has not run yet."""
        hopeless = missing if operation.method != "POST" else missing - self._coming - {operation.bulk_id}
        if hopeless:
            raise _names_nothing(hopeless)

    def _postpone(self, postponed: _Postponed) -> None:
        for bulk_id in postponed.open:
            self._waiting[bulk_id].append(postponed)

    async def _created(self, bulk_id: str, resource_id: str) -> None:
        """Whatever waited for this resource alone can be completed now."""
        self._ids[bulk_id] = resource_id
        for postponed in self._waiting.pop(bulk_id, ()):
            postponed.open.discard(bulk_id)
            if not postponed.open:
                await self._settle(postponed.index, self._complete(postponed))

    async def _complete(self, postponed: _Postponed) -> ScimResponse:
        """Add the references that were left out when the resource was created (RFC 7644 §3.7.1)."""
        if self._out_of_reach:
            raise unreachable()
        if postponed.open:
            raise _names_nothing(postponed.open)
        changed = await self._send("PATCH", postponed.path, postponed.addition, None)
        headers = {**postponed.created.headers, "ETag": changed.headers["ETag"]}
        return ScimResponse(postponed.created.status, headers=headers)

    async def _send(
        self, method: str, path: str, data: Mapping[str, object] | None, version: str | None
    ) -> ScimResponse:
        segments = tuple(part for part in path.split("/") if part)
        headers = {} if version is None else {"if-match": version}
        body = b"" if data is None else orjson.dumps(resolve(data, self._ids))
        inner = ScimRequest(method, segments, (), headers, body, self._request.call)
        return await self._router.find(method, segments)(inner)

    def _location(self, operation: BulkOperation) -> str | None:
        if operation.method == "POST" or len(operation.segments) != 2:
            return None
        return self._base_url + quote(resolve_path(operation.path, self._ids), safe=_IN_A_PATH)


def _names_nothing(bulk_ids: Iterable[str]) -> InvalidValue:
    return InvalidValue(
        f"The request refers to bulkId {', '.join(sorted(bulk_ids))}, which names no resource created here."
    )
