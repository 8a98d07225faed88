"""A refusal says everything that is wrong, where, and what would be right; and repeats nothing personal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.leads.asking import LEADS, REQUIRED, created, problems, put, read

if TYPE_CHECKING:
    import httpx

BOUNDARY = "the-boundary"
JSON = "application/json"


@pytest.fixture(scope="module")
async def lead_id(api: httpx.AsyncClient) -> int:
    return int((await created(api))["id"])


async def sent(api: httpx.AsyncClient, lead_id: int, body: bytes, content_type: str = JSON) -> httpx.Response:
    return await api.put(f"{LEADS}/{lead_id}", content=body, headers={"Content-Type": content_type})


def lead_json(more: str) -> bytes:
    """A body with *more* members in its lead."""
    return f'{{"lead":{json.dumps(REQUIRED)[:-1]},{more}}}}}'.encode()


async def test_a_refusal_is_a_problem_document(api: httpx.AsyncClient, lead_id: int) -> None:
    answer = await put(api, lead_id, {"X-Request-Id": "mine-1"}, category="?")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "mine-1"
    document = answer.json()
    assert set(document) == {"type", "title", "status", "detail", "request_id", "error", "errors"}
    assert (document["type"], document["status"], document["request_id"]) == (
        "/problems/invalid",
        422,
        "mine-1",
    )
    assert all(set(problem) <= {"field", "message", "allowed"} for problem in document["errors"])


@pytest.mark.parametrize("given", ["has space", "", "x" * 129, "<script>", "-x"])
async def test_a_request_id_that_is_none_is_replaced(
    given: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    answer = await put(api, lead_id, {"X-Request-Id": given}, category="?")

    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert answer.json()["request_id"].startswith("req_")


async def test_all_problems_are_told_at_once(api: httpx.AsyncClient, lead_id: int) -> None:
    wrong = {
        "email": "nobody",
        "phone": "123",
        "category": "Enquiry of some kind",
        "source": "Somewhere",
        "lead_state": "old",
        "dob": "31/02/1980",
        "location_id": 103,
        "golden": "yes",
        "tags": ["fine", 7, None],
        "delay_customer_email_minutes": 43_201,
        "address_attributes": {"city": 1, "postcode": []},
        "payment_attributes": {"amount": -1, "car_id": 603},
        "charge_breakdown": {"total": {}, "charges": [{"name": "x"}, {"amount": 1}]},
        "lead_files_attributes": [{"file_type": "selfie"}, {"file_type": "other", "file": "x"}],
    }
    body = {"lead": wrong | {"dealership_id": 3}, "id": lead_id + 1}

    answer = await api.put(f"{LEADS}/{lead_id}", json=body)

    told = problems(answer)
    expected = {"id", "lead.dealership_id", "lead.payment_attributes.amount", "lead.tags"}
    expected |= {f"lead.{name}" for name in ("email", "phone", "category", "source", "lead_state", "dob")}
    expected |= {f"lead.{name}" for name in ("location_id", "golden", "delay_customer_email_minutes")}
    expected |= {"lead.address_attributes.city", "lead.address_attributes.postcode"}
    expected |= {"lead.charge_breakdown.total.amount", "lead.charge_breakdown.charges[0].amount"}
    expected |= {"lead.charge_breakdown.charges[1].name", "lead.lead_files_attributes[0].file"}
    assert expected <= told.keys()
    assert not {name for name in told if name.startswith("lead.tags[0]")}


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        (dict(REQUIRED), "lead", '{"lead":'),
        ({"lead": []}, "lead", "object"),
        ({"lead": None}, "lead", "object"),
        ({"lead": "x"}, "lead", "object"),
        ({}, "lead", "wrapper"),
    ],
)
async def test_a_lead_without_its_wrapper_is_shown_the_wrapper(
    body: dict[str, Any], field: str, hint: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    told = problems(await api.put(f"{LEADS}/{lead_id}", json=body))

    assert list(told) == [field]
    assert hint in told[field]


async def test_an_empty_lead_is_told_all_that_is_required(api: httpx.AsyncClient, lead_id: int) -> None:
    told = problems(await api.put(f"{LEADS}/{lead_id}", json={"lead": {}}))

    assert sorted(told) == [
        "lead.category",
        "lead.dealership_slug",
        "lead.email",
        "lead.phone",
        "lead.source",
    ]


# Field -> a value that does not fit and would be somebody's.
PERSONAL: dict[str, Any] = {
    "name": "Zebulon\u0007Quux",
    "last_name": ["Zebulon"],
    "email": "zebulon.quux@",
    "phone": "zebulon 0412",
    "message": {"said": "zebulon"},
    "dob": "zebulon 1980",
    "customer_address": 1234567,
    "address_attributes": {"street": ["zebulon street"], "postcode": {"zebulon": 1}},
    "user_email": ["zebulon@example.com"],
    "fields": "zebulon",
    "tags": {"zebulon": 1},
    "payment_attributes": {"external_transaction_id": ["zebulon"], "amount": "zebulon"},
    "lead_files_attributes": [{"file_type": "other", "file": "zebulon"}],
    "stocknum": ["zebulon"],
    "provider_id": ["zebulon"],
    "category": "Zebulon Quux",
    "source": "zebulon",
}


@pytest.mark.parametrize("field", PERSONAL)
async def test_no_value_of_a_customer_is_repeated(field: str, api: httpx.AsyncClient, lead_id: int) -> None:
    answer = await put(api, lead_id, **{field: PERSONAL[field]})

    assert answer.status_code == 422
    for piece in ("zebulon", "quux", "0412", "1234567"):
        assert piece not in answer.text.lower()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b"  \n", "empty-body"),
        (b"{", "not-json"),
        (b'{"lead": {}', "not-json"),
        (b'{"lead": {}} x', "not-json"),
        (b"[]", "not-json"),
        (b"null", "not-json"),
        (b'{"lead": NaN}', "not-json"),
        (b'{"lead": -Infinity}', "not-json"),
        (b'{"lead": 01}', "not-json"),
        (b"{'lead': 1}", "not-json"),
        (b'{"lead": {}, "lead": {}}', "duplicate-key"),
        (lead_json('"fields":{"a":{"b":1,"b":1}}'), "duplicate-key"),
        (lead_json(r'"name":"\ud800"'), "not-utf-8"),
        (lead_json(r'"name":"a\u0000b"'), "not-utf-8"),
        (lead_json(r'"fields":{"a\u0000":1}'), "not-utf-8"),
        (b'{"lead":{"name":"\xff"}}', "not-utf-8"),
        (b"\xef\xbb\xbf{}", "not-utf-8"),
        ('{"lead":{}}'.encode("utf-16"), "not-utf-8"),
        (lead_json('"fields":{"a":1234567890123456}'), "number-out-of-range"),
        (lead_json('"fields":{"a":1e400}'), "number-out-of-range"),
        (lead_json('"fields":{"a":1e-400}'), "number-out-of-range"),
        (lead_json('"fields":' + '{"a":' * 31 + "1" + "}" * 31), "too-deep"),
        (b'{"lead":' + b"[" * 100_000, "too-deep"),
        (lead_json('"fields":{"' + "k" * 129 + '":1}'), "key-too-long"),
    ],
)
async def test_json_that_is_none_or_ambiguous_is_refused_with_its_reason(
    body: bytes, code: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    answer = await sent(api, lead_id, body)

    assert (answer.status_code, answer.json()["type"]) == (400, f"/problems/{code}")
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"lead":"' + b"x" * 2**20 + b'"}', "body-too-large"),
        (lead_json('"message":"' + "x" * (64 * 1024 + 1) + '"'), "string-too-long"),
        (lead_json('"fields":{"a":[' + ",".join("1" * 5_000) + "]}"), "too-many-values"),
    ],
)
async def test_what_is_too_large_is_refused_with_its_limit(
    body: bytes, code: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    answer = await sent(api, lead_id, body)

    assert (answer.status_code, answer.json()["type"]) == (413, f"/problems/{code}")
    assert any(digit.isdigit() for digit in answer.json()["detail"])


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON;charset=UTF-8", 200),
        ("text/json", 200),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/xml", 415),
        ("application/msgpack", 415),
        ("json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=x", 400),
    ],
)
async def test_a_json_body_must_say_that_it_is_json(
    content_type: str, status: int, api: httpx.AsyncClient, lead_id: int
) -> None:
    answer = await sent(api, lead_id, json.dumps({"lead": REQUIRED}).encode(), content_type)

    assert answer.status_code == status
    if status == 415:
        assert "application/json" in answer.json()["detail"] or "utf-8" in answer.json()["detail"]


async def test_a_body_that_says_nothing_of_itself_may_be_json(api: httpx.AsyncClient, lead_id: int) -> None:
    answer = await api.put(f"{LEADS}/{lead_id}", content=json.dumps({"lead": REQUIRED}))

    assert answer.status_code == 200


async def test_a_compressed_body_is_not_read(api: httpx.AsyncClient, lead_id: int) -> None:
    answer = await api.put(f"{LEADS}/{lead_id}", content=b"x", headers={"Content-Encoding": "gzip"})

    assert answer.status_code == 415


# The same lead in all three notations.
LEAD_IN_JSON = REQUIRED | {
    "name": "Mia & Co \u00e9",
    "message": "two\r\nlines + 100%",
    "golden": True,
    "certified": False,
    "location_id": 101,
    "delay_customer_email_minutes": 5,
    "marketing_source": "GMB",
    "page_id": None,
    "tags": ["a", "b c"],
    "address_attributes": {"city": "Cairns", "postcode": "0800"},
    "fields": {"document_type": "ppsr", "custom": "value"},
    "payment_attributes": {"amount": 12.50, "external_transaction_id": "t"},
    "charge_breakdown": {"total": {"amount": 50}, "charges": [{"name": "Fee", "amount": 1.10}]},
    "unknown": "kept",
}
IN_BRACKETS = [
    *((f"lead[{name}]", value) for name, value in REQUIRED.items()),
    ("lead[name]", "Mia & Co \u00e9"),
    ("lead[message]", "two\r\nlines + 100%"),
    ("lead[golden]", "true"),
    ("lead[certified]", "0"),
    ("lead[location_id]", "101"),
    ("lead[delay_customer_email_minutes]", "5"),
    ("lead[marketing_source]", "gmb"),
    ("lead[page_id]", ""),
    ("lead[tags][]", ""),
    ("lead[tags][]", "a"),
    ("lead[tags][]", "b c"),
    ("lead[address_attributes][city]", "Cairns"),
    ("lead[address_attributes][postcode]", "0800"),
    ("lead[fields][document_type]", "ppsr"),
    ("lead[fields][custom]", "value"),
    ("lead[payment_attributes][amount]", "12.50"),
    ("lead[payment_attributes][external_transaction_id]", "t"),
    ("lead[charge_breakdown][total][amount]", "50"),
    ("lead[charge_breakdown][charges][][name]", "Fee"),
    ("lead[charge_breakdown][charges][][amount]", "1.10"),
    ("lead[unknown]", "kept"),
]
ITS_OWN = {"id", "version", "lead_cluster_id", "created_at", "updated_at", "payments", "payment_attributes"}


def multipart(pairs: list[tuple[str, str]]) -> bytes:
    parts = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    )
    return f"{parts}--{BOUNDARY}--\r\n".encode()


FORMS = {
    "application/x-www-form-urlencoded": urlencode(IN_BRACKETS).encode(),
    f"multipart/form-data; boundary={BOUNDARY}": multipart(IN_BRACKETS),
}


@pytest.mark.parametrize("content_type", FORMS)
async def test_a_form_means_what_the_same_json_means(content_type: str, api: httpx.AsyncClient) -> None:
    by_json, by_form = (await created(api))["id"], (await created(api))["id"]

    first = await sent(api, by_json, json.dumps({"lead": LEAD_IN_JSON}).encode())
    second = await sent(api, by_form, FORMS[content_type], content_type)

    assert (first.status_code, second.status_code) == (200, 200), second.text
    one, other = first.json(), second.json()
    assert {name: one[name] for name in one.keys() - ITS_OWN} == {
        name: other[name] for name in other.keys() - ITS_OWN
    }
    assert other["payment_attributes"]["amount"] == one["payment_attributes"]["amount"] == 12.5
    assert '"amount":1.10' in second.text


@pytest.mark.parametrize("content_type", FORMS)
async def test_a_form_is_refused_as_the_same_json_is(
    content_type: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    wrong = {
        "email": "nobody",
        "golden": "perhaps",
        "location_id": "1x",
        "delay_customer_email_minutes": "-1",
        "category": "?",
    }
    pairs = [(f"lead[{name}]", value) for name, value in (REQUIRED | wrong).items()]
    body = multipart(pairs) if "multipart" in content_type else urlencode(pairs).encode()

    told = problems(await sent(api, lead_id, body, content_type))

    assert sorted(told) == sorted(f"lead.{name}" for name in wrong)


@pytest.mark.parametrize(
    "field",
    ["golden", "location_id", "time_on_site_seconds", "tags", "dob", "marketing_source", "lead_state"],
)
async def test_an_empty_value_of_a_form_clears_what_is_not_text(field: str, api: httpx.AsyncClient) -> None:
    full = {"golden": True, "location_id": 101, "time_on_site_seconds": 5, "tags": ["a"], "dob": "01/01/1980"}
    full |= {"marketing_source": "GMB", "lead_state": "lost"}
    lead_id = (await created(api, **full))["id"]
    name = f"lead[{field}][]" if field == "tags" else f"lead[{field}]"
    pairs = [*((f"lead[{required}]", value) for required, value in REQUIRED.items()), (name, "")]

    answer = await sent(api, lead_id, urlencode(pairs).encode(), "application/x-www-form-urlencoded")

    assert answer.status_code == 200, answer.text
    assert not answer.json()[field]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"lead[email]=%zz", "application/x-www-form-urlencoded"),
        (b"lead[email]=%ff", "application/x-www-form-urlencoded"),
        (b"lead[email]=%00", "application/x-www-form-urlencoded"),
        (b"lead=1&lead[a]=2", "application/x-www-form-urlencoded"),
        (b"lead[a][]=1&lead[a][b]=2", "application/x-www-form-urlencoded"),
        (b"lead" + b"[a]" * 40 + b"=1", "application/x-www-form-urlencoded"),
        (multipart(IN_BRACKETS)[:-20], f"multipart/form-data; boundary={BOUNDARY}"),
        (multipart(IN_BRACKETS), "multipart/form-data; boundary=another"),
        (multipart([("lead[name]", "x")] * 51), f"multipart/form-data; boundary={BOUNDARY}"),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    body: bytes, content_type: str, api: httpx.AsyncClient, lead_id: int
) -> None:
    before = await read(api, lead_id)

    answer = await sent(api, lead_id, body, content_type)

    assert answer.status_code in {400, 413}
    assert answer.json()["type"] != "about:blank"
    assert await read(api, lead_id) == before


async def test_an_unknown_parameter_of_the_query_is_refused_by_name(
    api: httpx.AsyncClient, lead_id: int
) -> None:
    answer = await api.put(f"{LEADS}/{lead_id}?dryrun=true&dry_run=perhaps", json={"lead": REQUIRED})

    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == ["dryrun"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("PATCH", "/api/v1/leads/1", 405), ("GET", "/api/v2", 404)]
)
async def test_an_address_that_is_none_is_told_in_the_same_form(
    method: str, path: str, status: int, api: httpx.AsyncClient
) -> None:
    answer = await api.request(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert ("allow" in answer.headers) == (status == 405)
