"""What the docs list is what there is."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from forecourt.adf.mending import REPAIRS
from forecourt.adf.refusals import DEPTH, MOST_ELEMENTS, MOST_PROSPECTS, MOST_REFERENCES
from forecourt.app import described as described_by_the_application
from forecourt.appointments.find import PARAMETERS as DIARY_PARAMETERS
from forecourt.clusters.filters import PARAMETERS as CLUSTER_PARAMETERS
from forecourt.deliveries.schedule import WEBHOOK
from forecourt.doctor.invariants import INVARIANTS
from forecourt.exports.sheets import LEAD_CLUSTERS, LEADS
from forecourt.leads.filters import PARAMETERS, REPEATED
from forecourt.leads.schema import LeadIn
from forecourt.reference.webhook_bodies import example
from forecourt.reports.api import NAMES as REPORTS
from forecourt.reports.figures import MEANINGS
from forecourt.requests.filters import PARAMETERS as REQUEST_PARAMETERS
from forecourt.requests.masking import masked_body
from forecourt.screens.shortcuts import SHORTCUTS
from forecourt.settings import explain
from forecourt.webhooks.sign import new_secret, signature
from forecourt.webhooks.topics import CATALOGUE
from tests.clusters.test_staff_and_integrations_say_different_things import CASES

DOCS = Path(__file__).parent.parent / "docs"


def test_every_setting_is_listed_with_its_default_and_meaning() -> None:
    text = (DOCS / "commands.md").read_text()
    listed = re.findall(r"^\| `(FORECOURT_\w+)` \|(.*)\| (.*) \|$", text, re.MULTILINE)
    home = str(Path("~").expanduser())

    assert [(name, default.strip(), meaning) for name, default, meaning in listed] == [
        (one.variable, f"`{one.value.replace(home, '~')}`" if one.value else "", one.meaning)
        for one in explain(environment={})
    ]


def test_every_filter_is_told() -> None:
    text = (DOCS / "lead-api.md").read_text()

    assert [name for name in (*PARAMETERS, *REPEATED) if f"`{name}`" not in text] == []


def test_every_filter_of_the_other_lists_is_told() -> None:
    for page, parameters in (
        ("clusters.md", CLUSTER_PARAMETERS),
        ("answering.md", DIARY_PARAMETERS),
        ("requests.md", REQUEST_PARAMETERS),
    ):
        text = (DOCS / page).read_text()
        common = {"limit", "cursor", "q"}
        assert [name for name in parameters if name not in common and f"`{name}`" not in text] == []


def test_what_survives_what_leads_to_its_tests_and_tells_what_the_doctor_looks_at() -> None:
    text = (DOCS / "reliability.md").read_text()
    tests = re.findall(r"\]\((\.\./tests/[^)]+)\)", text)

    assert [test for test in tests if not (DOCS / test).is_file()] == []
    assert [invariant.name for invariant in INVARIANTS if f"`{invariant.name}`" not in text] == []
    assert len(tests) > len(INVARIANTS)


def test_every_route_of_a_dealership_is_told() -> None:
    text = "".join(page.read_text() for page in DOCS.glob("*.md"))
    described = {
        path for path in json.loads(described_by_the_application())["paths"] if "{dealership}" in path
    }

    untold = [path for path in described if path.partition("{dealership}")[2] not in text]

    assert untold == []


def test_every_column_of_an_export_is_told_in_its_order() -> None:
    _, leads, clusters = re.split(r"\*\*Leads:\*\*|\*\*Lead clusters:\*\*", (DOCS / "exports.md").read_text())

    for told, sheet in ((leads, LEADS), (clusters, LEAD_CLUSTERS)):
        assert re.findall(r"`([a-z_0-9.]+)`", told) == [column.name for column in sheet.columns]


def test_every_figure_is_told_as_the_page_tells_it() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| `(\w+)` \| (.+) \|$", (DOCS / "reports.md").read_text(), re.MULTILINE)

    assert rows == [(meaning.name, name, meaning.text) for name, meaning in MEANINGS.items()]


def test_every_report_and_its_filters_are_told() -> None:
    text = (DOCS / "reports.md").read_text()

    assert [name for name in REPORTS if f"`{name}`" not in text] == []
    needed = (
        "created",
        "via",
        "about",
        "first_via",
        "first_about",
        "hour",
        "answered",
        "appointment",
        "reason",
    )
    assert [name for name in needed if f"`{name}:" not in text] == []


def test_the_cases_of_provenance_are_those_that_are_tested() -> None:
    rows = re.findall(r"^\| (`[a-z_.]+` \| `.*) \|$", (DOCS / "clusters.md").read_text(), re.MULTILINE)

    told = [tuple(cell.strip("`") for cell in row.split(" | ")) for row in rows if row.count(" | ") == 5]
    assert told == [
        (field, *(json.dumps(value) for value in values), "yes" if conflict else "no")
        for field, *values, conflict in CASES
    ]


def test_every_repair_of_adf_and_every_limit_is_told() -> None:
    text = (DOCS / "adf.md").read_text()
    source = "".join(file.read_text() for file in (DOCS.parent / "src/forecourt/adf").glob("*.py"))
    named = {*REPAIRS, *re.findall(r'Repair\("([a-z-]+)"', source)}

    assert [name for name in sorted(named) if f"`{name}`" not in text] == []
    for limit in (DEPTH, MOST_PROSPECTS, MOST_ELEMENTS, MOST_REFERENCES):
        assert f"{limit:,} " in text


def test_every_event_of_webhooks_is_told() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+\.[a-z_]+)` \| (.*) \|$", (DOCS / "webhooks.md").read_text(), re.MULTILINE
    )

    assert dict(rows) == CATALOGUE


def test_the_examples_of_webhooks_are_what_a_test_sends() -> None:
    blocks = re.findall(
        r"^### `(\w+)`$.*?^```json$(.*?)^```$", (DOCS / "webhooks.md").read_text(), re.MULTILINE | re.DOTALL
    )
    shown = {schema: json.loads(text) for schema, text in blocks}

    shown["v2"] = shown["v1"] | shown["v2"]
    shown["v3"] = shown["v2"] | shown["v3"]
    assert shown == {schema: example(schema) for schema in ("v1", "v2", "v3", "cluster", "event")}
    assert f"```xml\n{example('adf')}```" in (DOCS / "webhooks.md").read_text()


def test_the_schedule_of_webhooks_is_told() -> None:
    [row] = re.findall(r"^\| after \| (.*) \|$", (DOCS / "webhooks.md").read_text(), re.MULTILINE)
    units = {"s": 1, "min": 60, "h": 3_600}

    told = [int(number) * units[unit] for number, unit in (cell.split() for cell in row.split(" | "))]
    assert told == [pause.total_seconds() for pause in WEBHOOK]


def test_the_receiver_of_webhooks_verifies_what_is_sent() -> None:
    [code] = re.findall(
        r"^```python$(.*?)^```$", (DOCS / "webhooks.md").read_text(), re.MULTILINE | re.DOTALL
    )
    named: dict[str, Any] = {"SECRET": new_secret()}
    exec(code, named)
    now = int(time.time())
    headers = {"webhook-id": "msg_7", "webhook-timestamp": str(now)}
    headers["webhook-signature"] = signature(named["SECRET"], "msg_7", now, b'{"id":196}')

    assert named["received"](headers, b'{"id":196}') == {"id": 196}
    with pytest.raises(Exception, match="signature"):
        named["received"](headers, b'{"id":197}')


def test_what_the_request_log_masks_is_masked_so() -> None:
    rows = re.findall(r'^\| `("[^`]*)` \| `([^`]*)`', (DOCS / "requests.md").read_text(), re.MULTILINE)

    assert len(rows) > 6
    for sent, kept in rows:
        masked = masked_body(json.loads(f"{{{sent}}}"))
        told = json.loads(f"{{{kept}}}") if '": ' in kept else dict.fromkeys(masked, json.loads(kept))
        assert masked == told


def test_every_key_is_told() -> None:
    table = (DOCS / "inbox.md").read_text().partition("## The keyboard")[2]
    told = set(re.findall("`([^`]+)`", table))
    assert {shortcut.keys for shortcut in SHORTCUTS} <= told


def test_every_link_leads_somewhere() -> None:
    for page in (*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_struct_names_every_field_of_the_contracts_page() -> None:
    # The page's fields, counted from the page, and the three that only its example sends.
    assert len(LeadIn.__struct_fields__) == 39 + 3
