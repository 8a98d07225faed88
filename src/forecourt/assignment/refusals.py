"""Why we say no about assignment."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class AssignmentRuleNotFound(Refusal):
    """The dealership has no such rule."""

    code = "assignment-rule-not-found"
    title = "Assignment rule NOT found"


class StaffMemberNotFound(Refusal):
    """The dealership has no such user."""

    code = "staff-member-not-found"
    title = "Staff member NOT found"
