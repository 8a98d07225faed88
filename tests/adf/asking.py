"""How the tests of ADF ask: documents made of parts, posted and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.clusters.asking import somebody

if TYPE_CHECKING:
    import httpx

ADF = "/api/v1/adf"
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n<?adf version="1.0"?>\n'
DATE = "2026-11-24T10:15:00+10:00"

_number = iter(range(10_000_000))


def contact(
    names: str = '<name part="first">Mia</name><name part="last">Chen</name>', **reached: str | None
) -> str:
    """A contact; of somebody new where no way to reach them is given."""
    told = somebody() | reached
    email = f"<email>{told['email']}</email>" if told["email"] else ""
    phone = f"<phone>{told['phone']}</phone>" if told["phone"] else ""
    return f"<contact>{names}{email}{phone}</contact>"


def prospect(
    vehicle: str = '<vehicle interest="buy" status="new"><year>2026</year><make>Ford</make><model>Ranger</model></vehicle>',
    customer: str | None = None,
    vendor: str = "<vendor><vendorname>Brisbane Motors</vendorname>"
    "<contact><name>Sales</name><phone>07 3000 0000</phone></contact></vendor>",
    provider: str = "<provider><name>Carsales</name></provider>",
    ids: str | None = None,
    status: str = "new",
    date: str = DATE,
) -> str:
    """A prospect, valid by the DTD unless its parts are not; with an id that no other has."""
    if ids is None:
        ids = f'<id sequence="1" source="Carsales">CS-{next(_number)}</id>'
    if customer is None:
        customer = f"<customer>{contact()}</customer>"
    return f'<prospect status="{status}">{ids}<requestdate>{date}</requestdate>{vehicle}{customer}{vendor}{provider}</prospect>'


def document(*prospects: str) -> str:
    """A document of *prospects*; of one, where none is given."""
    return f"{PROLOG}<adf>{''.join(prospects or (prospect(),))}</adf>"


async def post(
    api: httpx.AsyncClient, content: str | bytes, media: str = "application/x-adf+xml", **query: str
) -> httpx.Response:
    """Post *content*."""
    raw = content.encode() if isinstance(content, str) else content
    return await api.post(ADF, content=raw, headers={"Content-Type": media}, params=query)


async def reported(
    api: httpx.AsyncClient, content: str | bytes, media: str = "application/x-adf+xml", **query: str
) -> dict[str, Any]:
    """What is reported of *content*."""
    answer = await post(api, content, media, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def imported(
    api: httpx.AsyncClient,
    content: str | bytes,
    media: str = "application/x-adf+xml",
    *,
    several: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The one lead that *content* becomes, or the first of *several*, and the report."""
    report = await reported(api, content, media)
    assert report["accepted"] is True, report
    lead_id, *others = report["lead_ids"]
    assert bool(others) == several
    answer = await api.get(f"/api/v1/leads/{lead_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()), report


def repairs(report: dict[str, Any]) -> list[str]:
    """The names of the repairs."""
    return [repair["name"] for repair in report["repairs"]]


def warned(report: dict[str, Any]) -> list[str]:
    """The paths that are warned about."""
    return [warning["path"] for warning in report["warnings"]]
