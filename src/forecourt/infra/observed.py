"""What is told of a call once it is answered, to whoever wants to know.

An observer is called in the way of every answer: it may note something in memory, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import structlog

from forecourt.infra.bodies import Body

if TYPE_CHECKING:
    from forecourt.infra.http import Answer, Call

log = structlog.get_logger()


class Answered(msgspec.Struct, frozen=True):
    """A call, answered. Nothing in it is a copy: the body's tree and the answer's bytes are those of the call.

    Attributes:
        method: the HTTP method.
        route: the path's template, as ``/api/v1/leads/{id}``; None where no route has the path.
        path: as it was asked for, decoded.
        parameters: those of the path.
        query: the query string as it was sent.
        headers: by lower-case name; all of them, secrets included.
        request_id: under which the call is known.
        token_hash: of the API key that was shown; None where none was that could be one.
        body: as it was read; None where there was none, or none that could be.
        status: of the answer.
        answer: its body; empty where that was a file or none.
        answer_type: its content type.
        bytes_out: the length of the answer's body; 0 for a file.
        at: when it was answered, in seconds since 1970.
        duration: seconds, by a clock that never jumps.
    """

    method: str
    route: str | None
    path: str
    parameters: Mapping[str, str]
    query: bytes
    headers: Mapping[str, str]
    request_id: str
    token_hash: bytes | None
    body: Body | None
    status: int
    answer: bytes
    answer_type: bytes
    bytes_out: int
    at: float
    duration: float


Observer: TypeAlias = Callable[[Answered], None]


def tell(observers: Sequence[Observer], call: Call, route: str | None, answer: Answer, began: float) -> None:
    """Tell *observers* that *call*, which came when ``time.perf_counter`` said *began*, was answered."""
    scope = call.scope
    answered = Answered(
        scope["method"],
        route,
        scope["path"],
        call.path,
        scope["query_string"],
        call.headers,
        call.request_id,
        call.token_hash,
        call.body,
        answer.status,
        answer.body,
        answer.content_type,
        len(answer.body),
        time.time(),
        time.perf_counter() - began,
    )
    for observe in observers:
        try:
            observe(answered)
        except Exception as error:  # noqa: BLE001 - the call is answered, whatever an observer makes of it
            log.error("observer.failed", error=type(error).__name__)  # noqa: TRY400
