"""How a refusal sounds over HTTP: RFC 9457 problem documents, and the one table of status codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.refusals import Problem, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

# By the refusal's code. What is not named here is a request that does not fit.
STATUS: Mapping[str, int] = {
    "ambiguous-credentials": 400,
    "ambiguous-header": 400,
    "bad-idempotency-key": 400,
    "bad-precondition": 400,
    "lead-too-old": 400,
    "unauthorised": 401,
    "permission-missing": 401,
    "role-missing": 403,
    "not-found": 404,
    "lead-not-found": 404,
    "dealership-not-found": 404,
    "lead-cluster-not-found": 404,
    "appointment-not-found": 404,
    "staff-member-not-found": 404,
    "contact-not-found": 404,
    "assignment-rule-not-found": 404,
    "merge-not-found": 404,
    "stop-list-entry-not-found": 404,
    "webhook-not-found": 404,
    "location-not-found": 404,
    "delivery-not-found": 404,
    "delivery-under-way": 409,
    "webhook-switched-off": 409,
    "status-option-not-found": 404,
    "message-not-found": 404,
    "message-template-not-found": 404,
    "notification-rule-not-found": 404,
    "message-has-gone": 409,
    "request-not-found": 404,
    "report-not-found": 404,
    "key-not-found": 404,
    "key-of-others": 409,
    "key-has-ended": 409,
    "key-is-somebodys": 409,
    "erased": 410,
    "event-not-found": 404,
    "not-undoable": 409,
    "merge-too-old": 409,
    "car-not-free": 409,
    "cluster-was-merged": 409,
    "file-not-found": 404,
    "held-adf-not-found": 404,
    "adf-vendor-not-found": 404,
    "held-adf-is-decided": 409,
    "held-adf-is-unreadable": 409,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "body-too-slow": 408,
    "request-in-flight": 409,
    "version-mismatch": 412,
    "body-too-large": 413,
    "unsupported-media-type": 415,
    "idempotency-key-reused": 422,
    "invalid": 422,
    "wrong-password": 422,
    "wrong-code": 422,
    "too-many-tries": 429,
    "too-busy": 429,
    "link-ended": 410,
    "second-step-ended": 410,
    "provider-failed": 502,
    "nobody-here": 403,
    "user-not-found": 404,
    "user-exists": 409,
    "user-of-others": 409,
    "own-account": 409,
    "last-owner": 409,
    "group-not-yours": 403,
    "internal": 500,
    "database-unavailable": 503,
    "outcome-unknown": 503,
    "storage-full": 507,
}


class ProblemDocument(msgspec.Struct, omit_defaults=True):
    """What a refused request is answered with, as ``application/problem+json`` (RFC 9457).

    Attributes:
        type: the rule that said no, as a path of the reference: the same for every case of it.
        title: one sentence about the rule.
        status: the HTTP status again.
        detail: what it is about this request.
        request_id: under which the server logged it; also in ``X-Request-Id``.
        error: the contract's own text.
        errors: everything that is wrong with what was sent.
    """

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    error: str
    errors: tuple[Problem, ...] = ()


def status_of(refusal: Refusal) -> int:
    """The HTTP status of *refusal*: its own, or that of the nearest family it belongs to."""
    for family in type(refusal).__mro__:
        status = STATUS.get(getattr(family, "code", ""))
        if status is not None:
            return status
    return 400


def document_of(refusal: Refusal, request_id: str) -> ProblemDocument:
    """The problem document that tells *refusal*."""
    return ProblemDocument(
        type=f"/problems/{refusal.code}",
        title=refusal.title,
        status=status_of(refusal),
        detail=refusal.detail or refusal.title,
        request_id=request_id,
        error=refusal.error or refusal.title,
        errors=refusal.problems,
    )
