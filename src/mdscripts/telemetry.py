"""Structured logs: one JSON object per line on standard error.

Configured once per process. Events carry the request id that is bound for the request; they never
carry tokens, bodies, passwords or DEA numbers: callers do not pass them, and a last filter blanks
what looks like one, also in messages of libraries and in tracebacks.
"""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import orjson
import structlog

from mdscripts.app.ports import ManagerLoss
from mdscripts.domain.credentials import SCANNING_PATTERN

_BLANK = "[removed]"
_CONFIDENTIAL_KEYS = frozenset(
    {"authorization", "body", "cookie", "dea", "dealicense", "dea_license", "password", "secret", "token"}
)
_CONFIDENTIAL_TEXT = re.compile(
    rf"{SCANNING_PATTERN}"  # bearer tokens of ours
    r"|(?<=Bearer )[A-Za-z0-9._~+/=-]{8,}"  # of anybody
    r"|\b[ABFGMPRX][A-Z9][0-9]{7}\b"  # DEA registration numbers
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password in a URL
)


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send the logs of this process and its libraries to ``stream`` (standard error)."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _remove_confidential,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; ``log.info("event in words", key=value)``."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


class LogAlarm:
    """Alarms as warnings in the log (``ports.Alarm``): one event each, ids and no names."""

    def __init__(self) -> None:
        self._log = logger("mdscripts.alarm")

    def last_manager_lost(self, loss: ManagerLoss) -> None:
        """``last_manager_lost`` (RO-08); a request id that is bound already stays when the loss has none."""
        own = {"request_id": loss.request_id} if loss.request_id else {}
        self._log.warning(
            "last_manager_lost",
            organization=loss.organization,
            users=list(loss.user_ids),
            action=loss.action,
            target=loss.target,
            actor=loss.actor,
            counted=loss.counted,
            rule="RO-08",
            **own,
        )


@contextmanager
def request(request_id: str) -> Iterator[None]:
    """Bind the request id to every event of one request."""
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


def _remove_confidential(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = _BLANK if key.lower() in _CONFIDENTIAL_KEYS else _without_secrets(value)
    return event


def _without_secrets(value: object) -> object:
    if isinstance(value, str):
        return _CONFIDENTIAL_TEXT.sub(_BLANK, value)
    if isinstance(value, dict):
        return {
            key: _BLANK if str(key).lower() in _CONFIDENTIAL_KEYS else _without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(inner) for inner in value]
    return value


def _to_json(event: object, **_options: object) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
