"""Why we say no about templates and rules."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class MessageTemplateNotFound(Refusal):
    """The dealership has no such template."""

    code = "message-template-not-found"
    title = "Message template NOT found"


class NotificationRuleNotFound(Refusal):
    """The dealership has no such rule."""

    code = "notification-rule-not-found"
    title = "Notification rule NOT found"
