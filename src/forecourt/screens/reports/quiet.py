"""What is said about a source from which nothing comes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from forecourt.screens.shown import clock, day

if TYPE_CHECKING:
    from datetime import datetime

    from forecourt.reports.sources import Calls, Sender, Source


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """A source that is unusually quiet.

    Attributes:
        told: what is usual, and since when nothing has come.
        look_at: where to begin to look; None where nobody knows.
    """

    source: str
    dealership: str
    told: str
    look_at: str | None


def quiet_source(source: Source, calls: Calls | None) -> Quiet:
    """What is said about a quiet *source*; *calls* are those of the key that its last enquiry came with."""
    return Quiet(
        source=source.flow.source,
        dealership=source.dealership_name,
        told=_told(source),
        look_at=None if source.sender is None else _look_at(source.sender, calls, source),
    )


def _told(source: Source) -> str:
    """``usually 5 by 11:05 am on Mondays, none since 8:40 am``."""
    flow, judged, now = source.flow, source.judged, source.now
    since = when(flow.last_at, now, flow.timezone)
    if round(judged.usual_today) > 0:
        local = now.astimezone(ZoneInfo(flow.timezone))
        usual = f"usually {judged.usual_today:.0f} by {clock(now, flow.timezone)} on {local:%A}s"
    else:
        usual = f"usually {judged.expected:.0f} in that time"
    return f"{usual}, none since {since}"


def when(moment: datetime, now: datetime, timezone: str) -> str:
    """The time of the day, with its day where that is not today."""
    zone = ZoneInfo(timezone)
    if moment.astimezone(zone).date() == now.astimezone(zone).date():
        return clock(moment, timezone)
    return f"{day(moment, timezone)}, {clock(moment, timezone)}"


def _look_at(sender: Sender, calls: Calls | None, source: Source) -> str:
    """What is known of the key that brought the last enquiry, and what became of its calls since."""
    zone, now = source.flow.timezone, source.now
    key = f"They came with the key {sender.name} (…{sender.hint})"
    good = calls.last_good_at if calls and calls.last_good_at else source.flow.last_at
    told = [f"last good call {when(good, now, zone)}"]
    if calls is not None and calls.refused:
        told.append(f"then {calls.refused:,} × {calls.status}")  # noqa: RUF001 - times
    if sender.revoked_at is not None:
        told.append(f"revoked {when(sender.revoked_at, now, zone)}")
    elif sender.expires_at is not None and sender.expires_at <= now:
        told.append(f"expired {when(sender.expires_at, now, zone)}")
    return f"{key}: {', '.join(told)}."
