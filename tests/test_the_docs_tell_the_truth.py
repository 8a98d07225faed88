"""What the docs list is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from forecourt.leads.filters import PARAMETERS, REPEATED
from forecourt.leads.schema import LeadIn
from forecourt.settings import explain

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


def test_every_link_leads_somewhere() -> None:
    for page in (*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_struct_names_every_field_of_the_contracts_page() -> None:
    # The page's fields, counted from the page, and the three that only its example sends.
    assert len(LeadIn.__struct_fields__) == 39 + 3
