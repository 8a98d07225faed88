"""Why a request is not told, or not sent again."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class RequestNotFound(Refusal):
    """There is no such request, or it was for a dealership that the key does not hold: nobody can tell which."""

    code = "request-not-found"
    title = "Request NOT found"


class CannotReplay(Refusal):
    """A recorded request cannot be sent again."""

    code = "cannot-replay"
    title = "The request cannot be sent again"
