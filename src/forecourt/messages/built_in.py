"""The templates that are used where a dealership has none of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("customer_email", "notification", "email", "sms")


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says.

    Attributes:
        subject: None of a text message.
        marketing: whether it is not purely factual.
    """

    subject: str | None
    body: str
    marketing: bool = False


# It says nothing that a stranger could have written into a form: whoever gets it may not be who filled it in.
_CUSTOMER_EMAIL = Wording(
    subject="Thanks for getting in touch with {{ dealership.name }}",
    body="""
Hi {{ customer.first_name | default: "there" }},

Thanks for getting in touch with **{{ dealership.name }}**. Your enquiry{% if lead.car %} about the **{{ lead.car }}**\
{% endif %} has reached us, and somebody from our team will get back to you shortly.

{% if location.phone %}Can't wait? Call us on {{ location.phone }}, or just reply to this e-mail.{% else %}\
Anything to add? Just reply to this e-mail.{% endif %}

Cheers,
{% if user.name %}{{ user.name }}
{% endif %}{{ dealership.name }}
""".strip(),
)

_NOTIFICATION = Wording(
    subject="{% if lead.golden %}Golden lead{% else %}New lead{% endif %}: "
    '{{ customer.name | default: "no name given" }}, {{ lead.category }}',
    body="""
# {{ customer.name | default: "No name given" }}

**{{ lead.category }}** from {{ lead.source }}{% if lead.golden %}, **golden**{% endif %}

- {{ lead.created_at }}
{% if links.call %}- Phone: [{{ customer.phone }}]({{ links.call }})
{% elsif customer.phone %}- Phone: {{ customer.phone }}
{% endif %}{% if customer.email %}- E-mail: {{ customer.email }}
{% endif %}{% if lead.car %}- Car: {{ lead.car }}{% if lead.stocknum %} ({{ lead.stocknum }}){% endif %}
{% elsif lead.stocknum %}- Stock number: {{ lead.stocknum }}
{% endif %}{% if location.name %}- Location: {{ location.name }}
{% endif %}{% if user.name %}- Given to: {{ user.name }}
{% endif %}
{% if lead.message %}
> {{ lead.message }}
{% endif %}
[Open it in the inbox]({{ links.inbox }}), or reply to this e-mail to write to the customer.
""".strip(),
)

_EMAIL = Wording(
    subject="Your enquiry at {{ dealership.name }}",
    body="""
Hi {{ customer.first_name | default: "there" }},

Thanks for your enquiry{% if lead.car %} about the {{ lead.car }}{% endif %}. When would be a good time for a call?

Cheers,
{% if user.name %}{{ user.name }}
{% endif %}{{ dealership.name }}
""".strip(),
)

_SMS = Wording(
    subject=None,
    body="Hi {{ customer.first_name | default: 'there' }}, it's {{ user.first_name | default: 'the team' }} from "
    "{{ dealership.name }}. Thanks for your enquiry! When would be a good time for a call?",
)

BUILT_IN: Mapping[str, Wording] = {
    "customer_email": _CUSTOMER_EMAIL,
    "notification": _NOTIFICATION,
    "email": _EMAIL,
    "sms": _SMS,
}

# About a webhook that fails; to the dealership.
WEBHOOK_FAILING = Wording(
    subject="A webhook of {{ dealership.name }} is failing",
    body="""
The webhook to **{{ webhook.url }}** has failed since {{ webhook.since }}.

Nothing is lost: what could not be delivered is kept and tried again. Should it go on failing for five days, the webhook is
switched off, and can be switched on again at any time.

Please check the other side, or its address.
""".strip(),
)
WEBHOOK_DISABLED = Wording(
    subject="A webhook of {{ dealership.name }} was switched off",
    body="""
The webhook to **{{ webhook.url }}** was switched off{% if webhook.because %}: {{ webhook.because }}{% endif %}.

Nothing is lost: what could not be delivered is kept. Once the other side works again, switch the webhook on and redeliver
what failed.
""".strip(),
)
SOURCE_SILENT = Wording(
    subject="{{ source.name }} has gone quiet at {{ dealership.name }}",
    body="""
Nothing has come from **{{ source.name }}** since {{ source.since }}. About {{ source.expected }} enquiries would have been usual in
that time.

Perhaps its feed is broken, or its key is refused. What became of the last calls stands in Forecourt under Reports, Quiet
sources.
""".strip(),
)
ALERTS: Mapping[str, Wording] = {
    "webhook.failing": WEBHOOK_FAILING,
    "webhook.disabled": WEBHOOK_DISABLED,
    "source.silent": SOURCE_SILENT,
}
