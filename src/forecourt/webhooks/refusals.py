"""Why we say no about webhooks."""

from __future__ import annotations

from forecourt.infra.refusals import Refusal


class WebhookNotFound(Refusal):
    """There is no such webhook in the dealership, or the key does not hold it: nobody can tell which."""

    code = "webhook-not-found"
    title = "Webhook NOT found"


class DeliveryNotFound(Refusal):
    """Nothing under this id was planned for the webhook."""

    code = "delivery-not-found"
    title = "Delivery NOT found"


class DeliveryUnderWay(Refusal):
    """It is being sent at this moment."""

    code = "delivery-under-way"
    title = "The delivery is being sent just now"


class WebhookSwitchedOff(Refusal):
    """Nothing is sent to a webhook that is switched off."""

    code = "webhook-switched-off"
    title = "The webhook is switched off"
