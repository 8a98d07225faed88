"""What hangs on a lead: files that are kept and served, payments that are counted once, charges to the digit."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.leads.asking import LEADS, REQUIRED, created, problems, put, read, updated, warned

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.world import World

PDF = b"%PDF-1.7\nhello"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
FILE_BYTES = 10 * 2**20


def uri(content: bytes, name: str | None = None, kind: str = "application/pdf") -> str:
    parameter = f";name={name}" if name else ""
    return f"data:{kind}{parameter};base64,{base64.b64encode(content).decode()}"


def text_file(number: int = 0) -> dict[str, str]:
    return {"file": uri(f"hello {number}".encode(), f"{number}.txt", "text/plain"), "file_type": "other"}


async def test_a_file_in_json_is_kept_and_served_as_an_attachment(api: httpx.AsyncClient) -> None:
    lead = await created(
        api, lead_files_attributes=[{"file_type": "resume", "file": uri(PDF, "Mia%20CV.pdf")}]
    )

    [file] = lead["lead_files_attributes"]
    assert (file["file_type"], file["filename"]) == ("resume", "Mia CV.pdf")
    assert (file["content_type"], file["size"]) == ("application/pdf", len(PDF))
    assert file["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (await read(api, lead["id"]))["lead_files_attributes"] == [file]

    served = await api.get(file["url"])
    assert (served.status_code, served.content) == (200, PDF)
    assert served.headers["content-type"] == "application/pdf"
    assert served.headers["content-disposition"].startswith("attachment;")
    assert "Mia CV.pdf" in served.headers["content-disposition"]
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]


@pytest.mark.parametrize("index", ["[0]", "[]"])
async def test_a_file_in_a_form_is_kept_as_it_came(index: str, api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    content = PDF + bytes(range(256)) * 400
    data = {f"lead[{name}]": value for name, value in REQUIRED.items()}
    data[f"lead[lead_files_attributes]{index}[file_type]"] = "cover_letter"
    part = {f"lead[lead_files_attributes]{index}[file]": ("letter.pdf", content, "image/png")}

    answer = await api.put(f"{LEADS}/{lead_id}", data=data, files=part)

    assert answer.status_code == 200, answer.text
    [file] = answer.json()["lead_files_attributes"]
    # What a file is, its content says, and nobody else.
    assert (file["file_type"], file["filename"], file["content_type"]) == (
        "cover_letter",
        "letter.pdf",
        "application/pdf",
    )
    assert (await api.get(file["url"])).content == content


async def test_an_update_adds_files_and_removes_none(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api, lead_files_attributes=[text_file(1)]))["id"]

    after = await updated(api, lead_id, lead_files_attributes=[text_file(2), text_file(3)])
    untouched = [
        await updated(api, lead_id, lead_files_attributes=None),
        await updated(api, lead_id, lead_files_attributes=[]),
    ]

    names = [file["filename"] for file in after["lead_files_attributes"]]
    assert names == ["1.txt", "2.txt", "3.txt"]
    assert [lead["lead_files_attributes"] for lead in untouched] == [after["lead_files_attributes"]] * 2
    [event, _] = (await api.get(f"{LEADS}/{lead_id}/events")).json()["events"]
    assert event["changes"]["lead_files_attributes"]["to"] == [
        {"filename": "2.txt", "file_type": "other"},
        {"filename": "3.txt", "file_type": "other"},
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\cv.pdf", "cv.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ('quo"te.pdf', 'quo"te.pdf'),
        ("\u00e9\u4f60.pdf", "\u00e9\u4f60.pdf"),
        ("..", "file"),
    ],
)
async def test_a_file_is_called_what_it_is_called_without_folders_and_tricks(
    given: str, kept: str, api: httpx.AsyncClient
) -> None:
    sent = {"file_type": "other", "file": uri(PDF), "filename": given}

    [file] = (await created(api, lead_files_attributes=[sent]))["lead_files_attributes"]

    assert file["filename"] == kept
    served = await api.get(file["url"])
    assert served.status_code == 200
    assert "\n" not in served.headers["content-disposition"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.pdf"),
        (b"<html><script>alert(1)</script></html>", "page.pdf"),
        (b"<svg xmlns='x'/>", "image.png"),
        (b"MZ\x90\x00\x03", "program.pdf"),
        (b"#!/bin/sh\n", "notes.txt"),
        (b"PK\x03\x04garbage", "letter.docx"),
    ],
)
async def test_a_file_of_another_kind_is_refused_by_its_content(
    content: bytes, name: str, api: httpx.AsyncClient
) -> None:
    lead = await created(api)
    files = [text_file(), {"file_type": "other", "file": uri(content, name)}]

    refused = problems(await put(api, lead["id"], lead_files_attributes=files))

    assert list(refused) == ["lead.lead_files_attributes[1].file"]
    assert await read(api, lead["id"]) == lead


@pytest.mark.parametrize(
    "file", ["hello", "data:,x", "data:text/plain;base64,???", "", "http://example.com/a.pdf"]
)
async def test_a_text_that_is_no_file_is_refused(file: str, api: httpx.AsyncClient) -> None:
    answer = await api.post(
        LEADS, json={"lead": REQUIRED | {"lead_files_attributes": [{"file_type": "other", "file": file}]}}
    )

    assert list(problems(answer)) == ["lead.lead_files_attributes[0].file"]


async def test_ten_files_are_taken_and_an_eleventh_is_not(api: httpx.AsyncClient) -> None:
    lead = await created(api, lead_files_attributes=[text_file(number) for number in range(10)])
    assert len(lead["lead_files_attributes"]) == 10

    eleven = {"lead": REQUIRED | {"lead_files_attributes": [text_file(number) for number in range(11)]}}
    assert (await api.post(LEADS, json=eleven)).status_code in {413, 422}


async def test_a_lead_has_ten_files_at_most_however_they_come(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api, lead_files_attributes=[text_file(number) for number in range(8)]))["id"]

    assert (await put(api, lead_id, lead_files_attributes=[text_file(8), text_file(9)])).status_code == 200

    refused = problems(await put(api, lead_id, lead_files_attributes=[text_file(10)]))
    assert list(refused) == ["lead.lead_files_attributes"]


@pytest.mark.parametrize(("size", "status"), [(FILE_BYTES, 201), (FILE_BYTES + 1, 413)])
@pytest.mark.parametrize("notation", ["json", "form"])
async def test_a_file_has_ten_mebibytes_at_most(
    notation: str, size: int, status: int, api: httpx.AsyncClient
) -> None:
    content = PDF.ljust(size, b"x")
    if notation == "json":
        files = [{"file_type": "other", "file": uri(content)}]
        answer = await api.post(LEADS, json={"lead": REQUIRED | {"lead_files_attributes": files}})
    else:
        data = {f"lead[{name}]": value for name, value in REQUIRED.items()}
        part = {"lead[lead_files_attributes][0][file]": ("a.pdf", content)}
        answer = await api.post(LEADS, data=data, files=part)

    assert answer.status_code == status or (status, answer.status_code) == (413, 422)
    if status == 201:
        assert answer.json()["lead_files_attributes"][0]["size"] == size


async def test_a_refused_request_leaves_no_file_behind(
    api: httpx.AsyncClient, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lead_id = (await created(api))["id"]
    before = _stored(tmp_path_factory)
    data = {f"lead[{name}]": value for name, value in (REQUIRED | {"category": "?"}).items()}
    part = {"lead[lead_files_attributes][0][file]": ("a.pdf", PDF)}

    assert (await api.put(f"{LEADS}/{lead_id}", data=data, files=part)).status_code == 422
    assert (await api.put(f"{LEADS}/999999", data=data, files=part)).status_code == 404
    refused = await put(api, lead_id, {"If-Match": '"9"'}, lead_files_attributes=[text_file()])
    assert refused.status_code == 412
    dry = {"lead": REQUIRED | {"lead_files_attributes": [text_file()]}}
    assert (await api.post(f"{LEADS}?dry_run=true", json=dry)).status_code == 200

    assert _stored(tmp_path_factory) == before
    assert await world.rows("select from lead_file where lead_id = $1", lead_id) == []


def _stored(tmp_path_factory: pytest.TempPathFactory) -> set[Path]:
    return {
        path
        for folder in tmp_path_factory.getbasetemp().glob("files*")
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_a_retry_adds_no_second_file(api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    key = {"Idempotency-Key": "file"}

    first, again = [await put(api, lead_id, key, lead_files_attributes=[text_file()]) for _ in range(2)]

    assert again.content == first.content
    assert len((await read(api, lead_id))["lead_files_attributes"]) == 1


@pytest.mark.parametrize("file_id", ["0", "x", "999999", "9" * 30, "-1"])
async def test_a_file_that_the_lead_has_not_is_not_found(file_id: str, api: httpx.AsyncClient) -> None:
    other = await created(api, lead_files_attributes=[text_file()])
    lead_id = (await created(api))["id"]

    for wanted in (file_id, str(other["lead_files_attributes"][0]["id"])):
        assert (await api.get(f"{LEADS}/{lead_id}/files/{wanted}")).status_code == 404


# Processor and transaction of a payment that tests tell more than once.
def payment(transaction: str | None = None, **more: Any) -> dict[str, Any]:
    return {"amount": 100, "payment_processor_id": 7, "external_transaction_id": transaction} | more


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("0", 0),
        ("0.01", 0.01),
        ("0.1", 0.1),
        ("19.99", 19.99),
        ("1234567.89", 1234567.89),
        ("10000000", 10_000_000),
        ("1.10", 1.1),
        ("1e2", 100),
    ],
)
async def test_an_amount_is_kept_to_the_cent(
    sent: str, told: float, api: httpx.AsyncClient, world: World
) -> None:
    lead = f'{json.dumps(REQUIRED)[:-1]},"payment_attributes":{{"amount":{sent}}}}}'
    answer = await api.post(LEADS, content=f'{{"lead":{lead}}}', headers={"Content-Type": "application/json"})

    assert answer.status_code == 201, answer.text
    assert answer.json()["payment_attributes"]["amount"] == told
    [row] = await world.rows("select amount from payment where lead_id = $1", answer.json()["id"])
    assert f"{row['amount']}" == f"{told:.2f}"


@pytest.mark.parametrize("amount", [-1, -0.01, 0.001, 10_000_000.01, 1e9, True, "ten", [], {}])
async def test_an_amount_that_nobody_can_pay_is_refused(amount: Any, api: httpx.AsyncClient) -> None:
    answer = await api.post(LEADS, json={"lead": REQUIRED | {"payment_attributes": {"amount": amount}}})

    assert list(problems(answer)) == ["lead.payment_attributes.amount"]


async def test_the_same_transaction_told_again_is_one_payment(api: httpx.AsyncClient, world: World) -> None:
    lead = await created(api, payment_attributes=payment("t-1", car_id=601))
    assert lead["payment_attributes"]["car_id"] == 601

    again = await updated(api, lead["id"], payment_attributes=payment("t-1", amount=999))
    other_lead = await created(api, payment_attributes=payment("t-1"))

    assert warned(again) == ["lead.payment_attributes"]
    assert again["payments"] == lead["payments"]
    assert (warned(other_lead), other_lead["payments"]) == (["lead.payment_attributes"], [])
    [row] = await world.rows("select amount from payment where external_transaction_id = 't-1'")
    assert row["amount"] == 100


async def test_the_same_transaction_told_by_many_at_once_is_one_payment(
    api: httpx.AsyncClient, world: World
) -> None:
    leads = [await created(api) for _ in range(4)]

    answers = await asyncio.gather(
        *(put(api, leads[number % 4]["id"], payment_attributes=payment("t-2")) for number in range(16))
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len(await world.rows("select from payment where external_transaction_id = 't-2'")) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (payment("t-3"), payment("t-3", payment_processor_id=8)),
        (payment("t-4"), payment("t-5")),
        (payment(None), payment(None)),
        (payment("t-6", payment_processor_id=None), payment("t-6", payment_processor_id=None)),
    ],
)
async def test_other_transactions_are_other_payments(
    one: dict[str, Any], other: dict[str, Any], api: httpx.AsyncClient
) -> None:
    lead = await created(api, payment_attributes=one)

    after = await updated(api, lead["id"], payment_attributes=other)

    assert len(after["payments"]) == 2
    assert after["payment_attributes"] == after["payments"][-1]
    assert (await read(api, lead["id"]))["payments"] == after["payments"]


async def test_the_same_transaction_at_another_dealership_is_another_payment(
    api: httpx.AsyncClient, world: World
) -> None:
    headers = {"Authorization": f"Bearer {world.their_token}"}
    await created(api, payment_attributes=payment("t-7"))

    body = {"lead": REQUIRED | {"dealership_slug": "perth-autos", "payment_attributes": payment("t-7")}}
    answer = await api.post(LEADS, json=body, headers=headers)

    assert (answer.status_code, len(answer.json()["payments"])) == (201, 1)


CHARGES = [
    '{"total":{"amount":50},"charges":[{"name":"Luxury Car Tax","amount":1234},{"name":"Fee","amount":500}]}',
    '{"total":{"amount":0.10}}',
    '{"total":{"amount":-12.50,"currency":"AUD","key":{"deep":[1.0,2]}}}',
    '{"charges":[{"name":"Fee","amount":1.000,"taxed":true}]}',
    '{"charges":[]}',
    '{"charges":[{"name":"a","amount":999999999999.999}],"note":"kept"}',
]


@pytest.mark.parametrize("breakdown", CHARGES)
async def test_charges_come_back_as_they_were_sent(breakdown: str, api: httpx.AsyncClient) -> None:
    lead_id = (await created(api))["id"]
    body = f'{{"lead":{json.dumps(REQUIRED)[:-1]},"charge_breakdown":{breakdown}}}}}'

    answer = await api.put(f"{LEADS}/{lead_id}", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200, answer.text
    assert f'"charge_breakdown":{breakdown}' in answer.text
    assert f'"charge_breakdown":{breakdown}' in (await api.get(f"{LEADS}/{lead_id}")).text


@pytest.mark.parametrize(
    ("breakdown", "field"),
    [
        ({}, ""),
        ({"note": 1}, ""),
        ({"total": None, "charges": None}, ""),
        ({"total": 50}, ".total"),
        ({"total": {}}, ".total.amount"),
        ({"total": {"amount": "50"}}, ".total.amount"),
        ({"total": {"amount": True}}, ".total.amount"),
        ({"total": {"amount": None}}, ".total.amount"),
        ({"charges": {}}, ".charges"),
        ({"charges": [1]}, ".charges[0]"),
        ({"charges": [{"name": "x", "amount": 1}, {"name": "x"}]}, ".charges[1].amount"),
        ({"charges": [{"amount": 1}]}, ".charges[0].name"),
        ({"charges": [{"name": " ", "amount": 1}]}, ".charges[0].name"),
    ],
)
async def test_charges_that_do_not_fit_are_refused_where_they_do_not(
    breakdown: dict[str, Any], field: str, api: httpx.AsyncClient
) -> None:
    lead_id = (await created(api))["id"]

    refused = problems(await put(api, lead_id, charge_breakdown=breakdown))

    assert f"lead.charge_breakdown{field}" in refused
    assert all(name.startswith("lead.charge_breakdown") for name in refused)
