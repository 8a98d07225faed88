"""Why a call did not come to what was asked: one family, to be caught as finely as you like.

Every error can be pickled: workers hand them from process to process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import msgspec

from forecourt.client.retries import asked_to_wait
from forecourt.infra.problems import ProblemDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.infra.refusals import Problem


class ForecourtError(Exception):
    """A call did not come to what was asked.

    Attributes:
        passing: whether the same call may succeed a little later. By then it was tried again as often as was allowed.
        told: what went wrong.
        request_id: under which the server logged the call, if it arrived.
        retry_after: the seconds that the server asked to wait, if it did.
    """

    passing: bool = False
    retry_after: float | None = None

    def __init__(self, told: str, request_id: str) -> None:
        super().__init__(told, request_id)
        self.told = told
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.told} ({self.request_id})"


class Unreachable(ForecourtError):
    """No answer came, in time or at all. Whether a write took effect is unknown: the same key will tell."""

    passing = True


class UnexpectedAnswer(ForecourtError):
    """The answer is none of this API's: something else stands at the address, or the two versions are far apart."""


class Refused(ForecourtError):
    """The server said no.

    Attributes:
        problem: its problem document, or one in its place where something before the server answered.
        etag: the thing's present entity tag, where the refusal tells it.
    """

    def __init__(
        self, problem: ProblemDocument, retry_after: float | None = None, etag: str | None = None
    ) -> None:
        wrong = "; ".join(f"{each.field} {each.message}" for each in problem.errors)
        super().__init__(f"{problem.status} {problem.title}: {wrong or problem.detail}", problem.request_id)
        # What it is made of again, in the other process.
        self.args = (problem, retry_after, etag)
        self.problem = problem
        self.retry_after = retry_after
        self.etag = etag

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Everything that is wrong with what was sent: ``field``, ``message`` and, from a list, ``allowed``."""
        return self.problem.errors


class BadRequest(Refused):
    """The request cannot be understood."""


class LeadTooOld(BadRequest):
    """The lead was created more than 72 hours ago."""


class Unauthorised(Refused):
    """No valid key, or one without the permission."""


class PermissionMissing(Unauthorised):
    """The key is valid, but lacks the permission that ``problem.detail`` names."""


class NotFound(Refused):
    """There is no such thing, or the key does not hold its dealership."""


class TooSlow(Refused):
    """The request took too long to arrive."""

    passing = True


class Conflict(Refused):
    """Something else stands in the way."""


class InFlight(Conflict):
    """An earlier attempt with the same key is still being worked on."""

    passing = True


class Erased(Refused):
    """The person whom this was about was erased."""


class VersionMismatch(Refused):
    """It has changed since the version in ``if_match``; ``etag`` names the present one."""


class TooLarge(Refused):
    """What was sent is larger than the server takes."""


class Invalid(Refused):
    """What was sent does not fit: ``errors`` lists everything."""


class IdempotencyKeyReused(Invalid):
    """The key was used before, with something else."""


class RateLimited(Refused):
    """Too many requests; ``retry_after`` says for how long."""

    passing = True


class Unavailable(Refused):
    """The server, or something before it, failed. Whether a write took effect is unknown: the same key will tell."""

    passing = True


_BY_TYPE: Mapping[str, type[Refused]] = {
    "/problems/bad-query": Invalid,
    "/problems/idempotency-key-reused": IdempotencyKeyReused,
    "/problems/lead-too-old": LeadTooOld,
    "/problems/permission-missing": PermissionMissing,
    "/problems/request-in-flight": InFlight,
}
_BY_STATUS: Mapping[int, type[Refused]] = {
    400: BadRequest,
    401: Unauthorised,
    404: NotFound,
    408: TooSlow,
    409: Conflict,
    410: Erased,
    412: VersionMismatch,
    413: TooLarge,
    422: Invalid,
    429: RateLimited,
}
# A request that cannot be sent at all, and one that leads round in circles.
_HOPELESS = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.TooManyRedirects)


def error_of(
    outcome: httpx2.Response | httpx2.RequestError, request: httpx2.Request
) -> ForecourtError | None:
    """What is wrong with the outcome of an attempt at *request*; None where it is an answer."""
    request_id = request.headers["x-request-id"]
    if isinstance(outcome, httpx2.RequestError):
        told = f"no answer from {request.url.host}: {type(outcome).__name__} {outcome}".rstrip()
        error = Unreachable(told, request_id)
        error.passing = not isinstance(outcome, _HOPELESS)
        error.__cause__ = outcome
        return error
    if outcome.is_success:
        return None
    if not outcome.is_error:
        return UnexpectedAnswer(f"answered {outcome.status_code}: is the address right?", request_id)
    problem = _problem(outcome, request_id)
    kind = _BY_TYPE.get(problem.type) or _BY_STATUS.get(outcome.status_code)
    if kind is None:
        kind = Unavailable if outcome.is_server_error else Refused
    return kind(problem, asked_to_wait(outcome.headers), outcome.headers.get("etag"))


def _problem(response: httpx2.Response, request_id: str) -> ProblemDocument:
    """The problem document in a refusal, or one made of its status."""
    try:
        return msgspec.json.decode(response.content, type=ProblemDocument)
    except msgspec.MsgspecError:
        return ProblemDocument(
            type="about:blank",
            title=response.reason_phrase or "Refused",
            status=response.status_code,
            detail="answered without a problem document",
            request_id=response.headers.get("x-request-id", request_id),
            error="",
        )
