"""Who reacts to what: the whole answer to the question what follows once something has happened.

An event is read from the log once (``deliveries/plan.py``); each reaction below plans the deliveries that follow from it.
What a delivery then says is decided when it goes out, by the lead as it is at that time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.notifications.customer_email import plan_customer_emails
from forecourt.notifications.notice import plan_notices
from forecourt.webhooks.plan import tell_endpoints

if TYPE_CHECKING:
    from forecourt.deliveries.plan import Reaction

REACTIONS: tuple[Reaction, ...] = (
    plan_customer_emails,
    plan_notices,
    # Every webhook that wants to hear of it.
    tell_endpoints,
)
