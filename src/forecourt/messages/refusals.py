"""Why we say no about messages."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class MessageNotFound(Refusal):
    """The dealership has no such message."""

    code = "message-not-found"
    title = "Message NOT found"


class MessageHasGone(Refusal):
    """The message was handed over, or called back before: there is nothing to call back."""

    code = "message-has-gone"
    title = "The message cannot be called back any more"
