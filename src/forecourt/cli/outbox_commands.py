"""The commands about what was written to people."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from forecourt.cli.output import as_json, line, table
from forecourt.cli.place import HERE, Json, Where, told_by

Dealership = Annotated[str, Parameter(help="The dealership's slug or id.")]


def outbox_list(
    *,
    dealership: Dealership,
    medium: Annotated[Literal["email", "sms"] | None, Parameter(help="Mail, or text messages.")] = None,
    purpose: Annotated[
        Literal["customer_email", "notification", "message", "alert"] | None,
        Parameter(help="Why it was written."),
    ] = None,
    state: Annotated[
        Literal["waiting", "sending", "sent", "cancelled", "failed", "unknown"] | None,
        Parameter(help="How it stands."),
    ] = None,
    limit: Annotated[int, Parameter(help="How many at most, to 200.")] = 50,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """List what was written to customers and staff, and how it stands: the latest in front.

    Without a mail server (FORECOURT_SMTP_URL) all of it stays here, and nothing leaves.

    **Examples**

        forecourt outbox list --dealership test-dealer
        forecourt outbox list --dealership test-dealer --state unknown --json
    """
    from forecourt.dealerships.parameters import MOST  # noqa: PLC0415
    from forecourt.messages.by_command import list_messages  # noqa: PLC0415

    filters = {"medium": medium, "purpose": purpose, "state": state}
    page = told_by(
        where, lambda database: list_messages(database, dealership, filters, limit=min(max(limit, 1), MOST))
    )
    if json:
        as_json(page)
        return 0
    table(
        ("id", "written", "purpose", "medium", "to", "subject", "state", "reason"),
        [
            (
                one.id,
                f"{one.created_at:%Y-%m-%d %H:%M}",
                one.purpose,
                one.medium,
                one.recipient,
                one.subject or (one.text or "")[:40],
                one.state,
                one.reason,
            )
            for one in page.messages
        ],
        empty="nothing was written yet",
    )
    return 0


def outbox_show(
    message_id: Annotated[int, Parameter(help="The message's id, as forecourt outbox list shows it.")],
    *,
    dealership: Dealership,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Show a message: its headers, its text, and every attempt at delivering it.

    With --json also its HTML.

    **Examples**

        forecourt outbox show 12 --dealership test-dealer
        forecourt outbox show 12 --dealership test-dealer --json
    """
    from forecourt.messages.by_command import show_message  # noqa: PLC0415

    message = told_by(where, lambda database: show_message(database, dealership, message_id))
    if json:
        as_json(message)
        return 0
    told = message.headers or {"From": message.sender, "To": message.recipient}
    for name, value in told.items():
        line(f"{name}: {value}")
    line(f"\n{(message.text or '').rstrip()}\n")
    for attempt in message.delivery.attempts:
        line(f"attempt {attempt.number}, {attempt.started_at:%Y-%m-%d %H:%M:%S}: {attempt.outcome}")
    line(f"{message.state}{f': {message.reason}' if message.reason else ''}")
    return 0
