"""``POST /Bulk`` (RFC 7644 §3.7): each operation runs as a request of its own, atomic by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import orjson

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
from mdscripts.web.scim.exchange import ScimRequest, ScimResponse, refusal
from mdscripts.web.scim.router import Router

_IN_A_PATH = "/:@!$&'()*+,;="
"""What a URI has in a path as it is, besides letters and digits (RFC 3986 §3.3)."""


@dataclass(slots=True)
class Progress:
    """What is known while a bulk request runs: ids by bulkId, answers by position, failures."""

    ids: dict[str, str] = field(default_factory=dict)
    answers: dict[int, bytes] = field(default_factory=dict)
    failures: int = 0


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
        progress = Progress()
        for index in plan(bulk.operations):
            if _gives_up(bulk, progress):
                break
            if index not in progress.answers:  # a circle may have run it already
                progress.answers[index] = await self._answer(request, bulk.operations[index], bulk, progress)
        ordered = [progress.answers[index] for index in sorted(progress.answers)]
        return ScimResponse(200, bulk_response(ordered))

    async def _answer(
        self, request: ScimRequest, operation: BulkOperation, bulk: BulkRequest, progress: Progress
    ) -> bytes:
        try:
            response = await self._perform(request, operation, bulk, progress)
        except ScimError as error:
            progress.failures += 1
            await self._refusals.record(
                request.call, operation.method, operation.segments, orjson.dumps(operation.data), error
            )
            return operation_result(
                operation, error.status, location=self._location(operation, progress), response=refusal(error).body
            )
        return operation_result(
            operation,
            response.status,
            location=response.headers.get("Location") or self._location(operation, progress),
            version=response.headers.get("ETag"),
        )

    async def _perform(
        self, request: ScimRequest, operation: BulkOperation, bulk: BulkRequest, progress: Progress
    ) -> ScimResponse:
        if operation.refusal is not None:
            raise operation.refusal
        missing = operation.references - progress.ids.keys()
        data, postponed = operation.data, None
        if missing:
            _require_possible(operation, missing, bulk, progress)
            data, postponed = strip_unresolved(operation.data or {}, missing)
        path = resolve_path(operation.path, progress.ids)
        response = await self._send(request, operation.method, path, data, operation.version, progress.ids)
        if operation.method == "POST" and operation.bulk_id is not None:
            resource_id = str(orjson.loads(response.body)["id"])
            progress.ids[operation.bulk_id] = resource_id
            if postponed is not None:
                await self._complete(request, f"{path}/{resource_id}", postponed, missing, bulk, progress)
        return response

    async def _complete(
        self,
        request: ScimRequest,
        path: str,
        postponed: Mapping[str, object],
        missing: frozenset[str],
        bulk: BulkRequest,
        progress: Progress,
    ) -> None:
        """Create what a circle of references still lacks, then add the references (RFC 7644 §3.7.1)."""
        for index, operation in enumerate(bulk.operations):
            if operation.bulk_id in missing and index not in progress.answers:
                progress.answers[index] = await self._answer(request, operation, bulk, progress)
        await self._send(request, "PATCH", path, postponed, None, progress.ids)

    async def _send(
        self,
        request: ScimRequest,
        method: str,
        path: str,
        data: Mapping[str, object] | None,
        version: str | None,
        ids: Mapping[str, str],
    ) -> ScimResponse:
        segments = tuple(part for part in path.split("/") if part)
        headers = {} if version is None else {"if-match": version}
        body = b"" if data is None else orjson.dumps(resolve(data, ids))
        inner = ScimRequest(method, segments, (), headers, body, request.call)
        return await self._router.find(method, segments)(inner)

    def _location(self, operation: BulkOperation, progress: Progress) -> str | None:
        if operation.method == "POST" or len(operation.segments) != 2:
            return None
        return self._base_url + quote(resolve_path(operation.path, progress.ids), safe=_IN_A_PATH)


def _gives_up(bulk: BulkRequest, progress: Progress) -> bool:
    return bulk.fail_on_errors is not None and progress.failures >= bulk.fail_on_errors


def _require_possible(operation: BulkOperation, missing: frozenset[str], bulk: BulkRequest, progress: Progress) -> None:
    """A reference may be open only in a POST, and only if its own operation has not run yet."""
    coming = {
        other.bulk_id
        for index, other in enumerate(bulk.operations)
        if index not in progress.answers and other.method == "POST"
    }
    hopeless = missing if operation.method != "POST" else missing - coming
    if hopeless:
        raise InvalidValue(
            f"The request refers to bulkId {', '.join(sorted(hopeless))}, which names no resource created here."
        )
