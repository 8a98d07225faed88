"""How things are shown: the templates, and the words for times, numbers and names. English as Australians write it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import jinja2
import phonenumbers

if TYPE_CHECKING:
    from decimal import Decimal

    from forecourt.screens.assets import Assets
    from forecourt.screens.visit import Visit

_SECONDS_OF = {"minute": 60, "hour": 3_600, "day": 86_400}
_DAYS_TOLD = 30


class Shown:
    """Renders templates."""

    def __init__(self, assets: Assets) -> None:
        """The templates of the package, with *assets* for what they link to."""
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("forecourt.screens"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = assets.address
        self._environment.filters |= {
            "exact_time": exact_time,
            "second": second,
            "day": day,
            "clock": clock,
            "ago": ago,
            "lasting": lasting,
            "money": money,
            "phone": phone,
            "initials": initials,
            "iso": iso,
            "words": words,
        }

    def render(self, template: str, visit: Visit, values: dict[str, Any]) -> bytes:
        """A template as it is sent; it sees the visit as ``visit``, and whoever is signed in as ``who``."""
        page = self._environment.get_template(template)
        return page.render(visit=visit, who=visit.visitor, **values).encode()


def exact_time(moment: datetime, timezone: str) -> str:
    """``Mon 23 Nov 2026, 1:05 pm AEST``."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %Y}, {clock(moment, timezone)} {local:%Z}"


def second(moment: datetime, timezone: str) -> str:
    """``23 Nov 13:05:09``, for a list that counts seconds."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b} {local:%H:%M:%S}"


def day(moment: datetime, timezone: str) -> str:
    """``Mon 23 Nov``."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b}"


def clock(moment: datetime, timezone: str) -> str:
    """``1:05 pm``."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local.hour % 12 or 12}:{local:%M} {'pm' if local.hour >= 12 else 'am'}"  # noqa: PLR2004 - noon


def ago(moment: datetime, now: datetime) -> str:
    """``now``, ``5 min``, ``3 h``, ``2 d``; the day where it is longer ago than a month."""
    seconds = (now - moment).total_seconds()
    if seconds < _SECONDS_OF["minute"]:
        return "now"
    if seconds < _SECONDS_OF["hour"]:
        return f"{seconds // 60:.0f} min"
    if seconds < _SECONDS_OF["day"]:
        return f"{seconds // 3_600:.0f} h"
    days = seconds // _SECONDS_OF["day"]
    return f"{days:.0f} d" if days <= _DAYS_TOLD else f"{moment.day} {moment:%b %Y}"


def lasting(seconds: float | None) -> str:
    """``45 s``, ``6 min``, ``2 h 05``, ``3 d 4 h``."""
    if seconds is None:
        return "none yet"
    whole = int(seconds)
    if whole < _SECONDS_OF["minute"]:
        return f"{whole} s"
    if whole < _SECONDS_OF["hour"]:
        return f"{whole // 60} min"
    if whole < _SECONDS_OF["day"]:
        return f"{whole // 3_600} h {whole // 60 % 60:02}"
    return f"{whole // 86_400} d {whole // 3_600 % 24} h"


def money(amount: Decimal | float | None) -> str:
    """``$45,990``, with its cents where it has some."""
    if amount is None:
        return ""
    text = f"${amount:,.2f}"
    return text.removesuffix(".00")


def phone(number: str, country: str = "AU") -> str:
    """A number in E.164 as people of *country* write it: ``0491 570 156``."""
    try:
        read = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    at_home = phonenumbers.region_code_for_number(read) == country
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(read, form)


def initials(name: str | None) -> str:
    """``MC`` of Mia Chen."""
    parts = (name or "?").split()
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


def iso(moment: datetime) -> str:
    """For a ``datetime`` attribute."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def words(name: str) -> str:
    """``Lead cluster merged`` of ``lead_cluster.merged``."""
    return name.replace("_", " ").replace(".", " ").capitalize()
