"""The interactive reference: all of it comes from the server itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from forecourt import vocabulary
from forecourt.reference.examples import EXAMPLE_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


async def test_the_page_loads_nothing_from_outside(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert len(loaded) == 5
    for address in loaded:
        assert address.startswith("/")
        assert (await api.get(address)).status_code == 200


async def test_no_other_file_of_the_server_is_served(api: httpx.AsyncClient) -> None:
    for name in ("api.py", "..%2fapi.py", "%2e%2e", "nothing.js"):
        assert (await api.get(f"/docs/{name}")).status_code == 404


async def test_the_document_has_the_contracts_values_and_example(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    lead = document["components"]["schemas"]["LeadIn"]["properties"]
    update = document["paths"]["/api/v1/leads/{id}"]["put"]

    assert document["openapi"].startswith("3.1")
    assert tuple(lead["category"]["enum"]) == vocabulary.CATEGORIES
    assert tuple(lead["source"]["enum"]) == vocabulary.SOURCES
    assert update["requestBody"]["content"]["application/json"]["example"] == EXAMPLE_BODY
    assert update["summary"] == "Update Lead"


async def test_each_schema_of_webhooks_is_described_with_an_example_that_fits(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]

    described = {name: told["post"]["requestBody"]["content"] for name, told in document["webhooks"].items()}
    assert list(described) == ["v1", "v2", "v3", "cluster", "event", "adf"]
    assert "<?adf version" in described.pop("adf")["application/x-adf+xml"]["example"]
    for content in (one["application/json"] for one in described.values()):
        schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
        assert list(content["example"]) == list(schema["properties"]) == schema["required"]


async def test_everything_that_the_document_refers_to_is_in_it(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()

    def referred(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"].removeprefix("#/components/schemas/")
            for inner in part.values():
                yield from referred(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from referred(inner)

    names = set(document["components"]["schemas"])
    assert set(referred(document)) - names == set()
    # Two of the same name would be told apart by where they lie in the code.
    assert [name for name in names if "." in name] == []
