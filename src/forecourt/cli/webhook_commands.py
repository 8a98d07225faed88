"""The commands about webhooks: what there is, how it went, once more; listening, and making something happen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from forecourt.cli.output import BAD_USAGE, as_json, complain, line, note, table
from forecourt.cli.place import HERE, Json, Where, told_by
from forecourt.webhooks.topics import KNOWN

if TYPE_CHECKING:
    from forecourt.demo.trigger import Triggered
    from forecourt.infra.database import Database
    from forecourt.webhooks.schema import DeliveryOut

Dealership = Annotated[str | None, Parameter(help="The dealership's slug or id.")]
State = Literal["waiting", "sending", "sent", "cancelled", "failed"]
Happening = Literal["lead.created", "lead.updated"]


def webhooks_list(*, dealership: Dealership = None, where: Where = HERE, json: Json = False) -> int:
    """List webhooks, of one dealership or of all; never their secrets.

    **Examples**

        forecourt webhooks list
        forecourt webhooks list --dealership test-dealer --json
    """
    from forecourt.webhooks.by_command import list_webhooks  # noqa: PLC0415

    found = told_by(where, lambda database: list_webhooks(database, dealership))
    if json:
        as_json(found)
        return 0
    table(
        ("id", "dealership", "url", "events", "schema", "failing since", "switched off"),
        [
            (
                one.id,
                one.dealership_id,
                one.url,
                ", ".join(one.events),
                one.schema,
                _shown(one.failing_since),
                one.disabled_because,
            )
            for one in found
        ],
        empty="there are no webhooks",
    )
    return 0


def webhooks_deliveries(
    webhook_id: Annotated[int, Parameter(help="The webhook's id, as forecourt webhooks list shows it.")],
    *,
    state: Annotated[State | None, Parameter(help="Only those in this state.")] = None,
    limit: Annotated[int, Parameter(help="How many at most, 200 or fewer.")] = 20,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """List what a webhook was told and how that went, newest first.

    **Examples**

        forecourt webhooks deliveries 3
        forecourt webhooks deliveries 3 --state failed --json
    """
    from forecourt.webhooks.by_command import list_deliveries  # noqa: PLC0415

    found = told_by(where, lambda database: list_deliveries(database, webhook_id, state=state, limit=limit))
    if json:
        as_json(found)
        return 0
    table(
        ("id", "event", "topic", "lead", "state", "attempts", "last", "why", "planned"),
        [
            (
                one.id,
                one.event_id,
                one.topic,
                one.lead_id,
                one.state,
                one.attempts,
                _last(one),
                one.reason,
                _shown(one.created_at),
            )
            for one in found
        ],
        empty="nothing yet",
    )
    return 0


def webhooks_redeliver(
    delivery_id: Annotated[int | None, Parameter(help="One delivery.")] = None,
    *,
    webhook: Annotated[int | None, Parameter(help="All of this webhook that failed since then.")] = None,
    failed_since: Annotated[
        str | None, Parameter(help="A time (2027-01-31T08:00:00+10:00) or a while ago (2h, 3d).")
    ] = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Send one delivery once more, or all of a webhook that were given up since a moment.

    **Examples**

        forecourt webhooks redeliver 1204
        forecourt webhooks redeliver --webhook 3 --failed-since 12h
    """
    from forecourt.webhooks.by_command import redeliver_failed, redeliver_one  # noqa: PLC0415

    if (delivery_id is None) == (webhook is None) or (webhook is None) != (failed_since is None):
        return complain("name one delivery, or a webhook with --webhook and --failed-since", BAD_USAGE)
    if delivery_id is not None:
        delivery = told_by(where, lambda database: redeliver_one(database, delivery_id))
        if json:
            as_json(delivery)
        else:
            note(f"delivery {delivery.id} goes out again")
        return 0
    try:
        since = _ago(failed_since or "")
    except ValueError:
        return complain(f"{failed_since!r} is no time: use 2027-01-31T08:00:00+10:00, 2h or 3d", BAD_USAGE)
    assert webhook is not None  # noqa: S101
    told = told_by(where, lambda database: redeliver_failed(database, webhook, since))
    if json:
        as_json(told)
    else:
        note(f"{told.redelivered} go out again{'; there are more: ask again' if told.more else ''}")
    return 0


def listen(
    *,
    forward_to: Annotated[str, Parameter(help="Where to post events to.")],
    dealership: Dealership = None,
    events: Annotated[
        list[str] | None, Parameter(consume_multiple=True, help="Only these; every event otherwise.")
    ] = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Post what happens from now on to an address of yours, signed as webhooks are, and tell how it is answered.

    It reads the log of this installation; no webhook has to be made, and nothing is tried again. The secret is the same
    every time. Ctrl+C ends it.

    **Examples**

        forecourt listen --forward-to http://127.0.0.1:9000/hook
        forecourt listen --forward-to http://127.0.0.1:9000/hook --events lead.created lead.updated --json
    """
    import uvloop  # noqa: PLC0415

    from forecourt.cli.listening import run_listen  # noqa: PLC0415

    for word in events or ():
        if word not in KNOWN:
            return complain(f"{word!r} is no event: use {', '.join(KNOWN)}", BAD_USAGE)
    uvloop.run(run_listen(where.settings(), forward_to, dealership, events or [], json=json))
    return 0


def trigger(
    event: Annotated[Happening, Parameter(help="What is to happen.")],
    *,
    dealership: Dealership = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Make something happen, as if a website had sent it: a made-up enquiry comes in, or the youngest one changes.

    **Examples**

        forecourt trigger lead.created
        forecourt trigger lead.updated --dealership test-dealer --json
    """
    from forecourt.demo.trigger import trigger as make_happen  # noqa: PLC0415
    from forecourt.events.signal import tell_all  # noqa: PLC0415
    from forecourt.files.store import FileStore  # noqa: PLC0415

    store = FileStore(where.settings().data_dir / "files")
    store.open()

    async def happen(database: Database) -> Triggered:
        told = await make_happen(database, store, event, dealership)
        await tell_all(database)
        return told

    told = told_by(where, happen)
    if json:
        as_json(told)
    else:
        line(f"{told.event}: lead {told.lead_id} in lead cluster {told.lead_cluster_id}, {told.dealership}")
    return 0


def _last(delivery: DeliveryOut) -> str:
    last = delivery.last_attempt
    return "" if last is None else str(last.status or last.outcome)


def _ago(text: str) -> datetime:
    """A moment; raises ValueError."""
    span = re.fullmatch(r"([1-9][0-9]{0,4})([dhm])", text)
    if span:
        unit = {"d": "days", "h": "hours", "m": "minutes"}[span[2]]
        return datetime.now(UTC) - timedelta(**{unit: int(span[1])})
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
