"""Templates: what can be written in them, what cannot, and what becomes of what customers wrote."""

from __future__ import annotations

import html as html_module
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecourt.messages import language, letter
from forecourt.messages.built_in import BUILT_IN, Wording
from forecourt.messages.facts import EXAMPLE, VARIABLES, first_name_in, values_of
from forecourt.messages.language import lines_of
from forecourt.messages.sender import Sender
from tests.clusters.asking import enquiry
from tests.leads.asking import problems
from tests.messages.asking import AT, told

if TYPE_CHECKING:
    import httpx

ANYWHERE = """# {{ customer.name }}

{{ customer.name }} and **{{ customer.name }}**, [{{ customer.name }}](https://ours.example)

> {{ customer.name }}

- {{ customer.name }}
    {{ customer.name }}
1. {{ customer.name }}
"""
# What means something in Markdown, HTML, Liquid or a URL, and what looks as if it did.
_SPECIAL = st.sampled_from(
    [
        "*", "_", "`", "```\n", "#", "##", ">", "- ", "1. ", "![a](http://evil.example/x.png)", "[a](javascript:alert(1))",
        "<b>", "<script>alert(1)</script>", "</div>", "&lt;", "&amp;", "&#60;", "\\", "\\\n", "\n\n", "\n", "\r\n", "    ", "\t",
        "---", "===", "***", "|", "~~", "{{ customer.email }}", "{% if x %}", "<http://evil.example>", "http://evil.example",
        "[[body]]", "[[subject]]", "\u2028", "\u0000", "\u202e", "]", "](", "[", '"', "'", "<!--", "<?", "a", "Zoë", "🚗",
    ]
)  # fmt: skip
WRITTEN = st.lists(st.one_of(_SPECIAL, st.text(max_size=5)), max_size=12).map("".join)


@given(WRITTEN)
def test_what_a_customer_wrote_is_text_wherever_it_stands(written: str) -> None:
    """The page is that of an innocent value, with the text in the innocent one's place."""
    page, innocent = (
        letter.mail(Wording(subject="S", body=ANYWHERE), {"customer": {"name": name}}, dealership="D").html
        for name in (written, "INNOCENT")
    )
    assert page is not None
    assert innocent is not None
    tags = re.findall(r"<[^>]*>", page)
    # A value of several lines breaks lines, and ends a heading; it does nothing else.
    assert set(tags) - {"<br>", "<p>", "</p>"} <= set(re.findall(r"<[^>]*>", innocent))
    body = page[page.index("<h1>") : page.rindex("</ol>")] if lines_of(written) else ""
    assert "evil.example" not in "".join(re.findall(r"<[^>]*>", body))
    shown = html_module.unescape(re.sub(r"<[^>]*>", " ", body))
    for line in lines_of(written):
        assert " ".join(line.split()) in " ".join(shown.split())


@given(WRITTEN)
def test_a_subject_is_one_line_whatever_it_holds(written: str) -> None:
    subject = letter.mail(
        Wording(subject="{{ customer.name }}!", body="x"), {"customer": {"name": written}}, dealership="D"
    ).subject

    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", subject)
    assert "=?" not in subject


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{% for i in (1..1000000000) %}x{% endfor %}", "line 1, column 4: unexpected tag 'for'"),
        ("{% tablerow i in (1..9) %}{% endtablerow %}", "unexpected tag 'tablerow'"),
        ("{% include '/etc/passwd' %}", "unexpected tag 'include'"),
        ("{% render 'other' %}", "unexpected tag 'render'"),
        ("{% assign x = 'y' %}", "unexpected tag 'assign'"),
        ("{% capture x %}y{% endcapture %}", "unexpected tag 'capture'"),
        ("{% increment x %}", "unexpected tag 'increment'"),
        ("{% cycle 'a', 'b' %}", "unexpected tag 'cycle'"),
        ("{% liquid\n echo 'a' %}", "unexpected tag 'liquid'"),
        ("{{ customer.name | append: 'x' }}", "line 1, column 20: there is no filter append"),
        ("{{ customer.name | replace: '', 'xx' }}", "there is no filter replace"),
        ("{{ customer.name | safe }}", "there is no filter safe"),
        (
            "Hi\n\n {{ customer.nam }}",
            "line 3, column 5: there is no variable customer.nam; did you mean customer.name?",
        ),
        ("{{ customer }}", "there is no variable customer"),
        ("{{ customer.name.__class__ }}", "there is no variable customer.name.__class__"),
        ("{{ customer[lead.id] }}", "there is no variable customer[lead.id]"),
        ("{% if settings.smtp_url %}x{% endif %}", "there is no variable settings.smtp_url"),
        ("{{ customer.name", "line 1, column 1: expected '}}'"),
        ("{% if customer.name %}", "expected tag endif"),
        ("{% if customer.name %}" * 20 + "{% endif %}" * 20, "block nesting limit reached"),
        ("{% if " + "lead.id and " * 1_500 + "lead.id %}x{% endif %}", "too long or too deep"),
        ("{{ customer.name | truncate: 'x' }}", "truncate"),
        ("{{ " + "9" * 5_000 + " }}", "integer string conversion limit"),
        ("", "is missing"),
        ("   \n", "is missing"),
    ],
)
async def test_what_could_take_long_grow_or_reach_elsewhere_is_refused_with_its_place(
    api: httpx.AsyncClient, source: str, says: str
) -> None:
    template = {"kind": "email", "name": "hostile", "subject": "x", "body": source}

    assert says in problems(await api.post(f"{AT}/message_templates", json=template))["body"]
    assert (
        says
        in problems(
            await api.post(
                f"{AT}/message_templates/preview", json={"kind": "email", "subject": "x", "body": source}
            )
        )["body"]
    )


def test_output_has_an_end() -> None:
    template = language.read_text("{{ lead.message }}" * 1_000)

    with pytest.raises(language.BadTemplate, match="output stream limit reached"):
        template.write({"lead": {"message": "x" * 10_000}})


@pytest.mark.parametrize("kind", BUILT_IN)
def test_the_built_in_templates_need_nothing_and_use_what_there_is(kind: str) -> None:
    wording = BUILT_IN[kind]
    write = letter.text_message if kind == "sms" else lambda *given: letter.mail(*given, dealership="Ours")
    whole = write(wording, values_of(EXAMPLE, Sender()))
    bare = write(wording, {})

    assert whole.missing == ()
    assert "Alex" in whole.text
    assert "{" not in whole.text + bare.text + bare.subject
    assert set(bare.missing) <= {
        "dealership.name",
        "lead.category",
        "lead.source",
        "lead.created_at",
        "links.inbox",
    }
    for read, source in ((language.read_line, wording.subject or ""), (language.read_markdown, wording.body)):
        language.hold_against(read(source), source, VARIABLES)


def test_the_automatic_reply_passes_nothing_on_that_a_stranger_wrote() -> None:
    """Whoever fills in a form may write another's address into it, and whatever they like to the rest."""
    for name in (
        "Buy now http://evil.example",
        "http://evil.example",
        "evil.example now",
        "Win$$$",
        "=?UTF-8?Q?x?=",
    ):
        assert first_name_in(name) in {None, "Buy"}
    for name, first in (
        ("Mia Chen", "Mia"),
        ("Zoë", "Zoë"),
        ("Jean-Luc P", "Jean-Luc"),
        ("O’Neil", "O’Neil"),
        ("李 明", "李"),
    ):
        assert first_name_in(name) == first
    asked = language.variables_in(language.read_markdown(BUILT_IN["customer_email"].body))
    assert not asked & {"customer.name", "customer.email", "customer.phone", "lead.message", "lead.stocknum"}


async def test_templates_are_kept_changed_and_removed(api: httpx.AsyncClient) -> None:
    listed = await told(api, "GET", "message_templates", 200)
    assert [one["kind"] for one in listed["built_in"]] == ["customer_email", "notification", "email", "sms"]
    assert {one["name"] for one in listed["variables"]} == set(VARIABLES)

    sent = {
        "kind": "customer_email",
        "name": "Drives",
        "category": "test drive booking",
        "subject": "S",
        "body": "B",
    }
    made = await told(api, "POST", "message_templates", 201, **sent)
    assert (made["category"], made["enabled"], made["marketing"]) == ("Test Drive Booking", True, False)
    same_name = await api.post(f"{AT}/message_templates", json=sent | {"category": None})
    same_category = await api.post(f"{AT}/message_templates", json=sent | {"name": "Other"})
    assert problems(same_name) == {"name": "is the name of another template of this kind"}
    assert "another template of this kind in use" in problems(same_category)["category"]
    await told(api, "POST", "message_templates", 201, **sent | {"name": "Spare", "enabled": False})

    at = f"message_templates/{made['id']}"
    assert await told(api, "PUT", at, 200) == made
    changed = await told(api, "PUT", at, 200, body="C")
    assert (changed["body"], changed["version"], changed["subject"]) == ("C", 2, "S")
    assert await told(api, "GET", at, 200) == changed
    assert "there is no variable x" in problems(await api.put(f"{AT}/{at}", json={"body": "{{ x }}"}))["body"]
    await told(api, "DELETE", at, 200)
    await told(api, "GET", at, 404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": None}, "kind"),
        ({"kind": "letter"}, "kind"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"category": "Nonsense"}, "category"),
        ({"kind": "email", "category": "Survey"}, "category"),
        ({"subject": None}, "subject"),
        ({"kind": "sms"}, "subject"),
        ({"kind": "notification", "marketing": True}, "marketing"),
        ({"body": "x" * 20_001}, "body"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_template_that_does_not_fit_is_refused(
    api: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    sent = {"kind": "customer_email", "name": "odd", "subject": "S", "body": "B"} | change

    assert field in problems(await api.post(f"{AT}/message_templates", json=sent))


async def test_a_preview_tells_what_is_missing(api: httpx.AsyncClient) -> None:
    body = "{{ customer.name }} {{ lead.car }} {{ user.name | default: 'us' }} {% if lead.stocknum %}x{% endif %}"
    asked = {"kind": "notification", "subject": "{{ dealership.phone }}", "body": body}
    lead = await enquiry(api, name="Mia & Co")

    example = await told(api, "POST", "message_templates/preview", 200, **asked)
    own = await told(api, "POST", "message_templates/preview", 200, **asked | {"lead_id": lead["id"]})

    assert example["text"] == "Alex Citizen 2023 Ford Ranger XLT Sam Taylor x\n"
    assert own["text"].strip() == "Mia & Co  us"
    assert "Mia &amp; Co" in own["html"]
    assert own["missing"] == ["dealership.phone", "lead.car"]
    text = await told(api, "POST", "message_templates/preview", 200, kind="sms", body="{{ customer.name }} €")
    assert (text["subject"], text["html"], text["text"], text["segments"]) == (
        None,
        None,
        "Alex Citizen €",
        1,
    )
    foreign = await api.post(f"{AT}/message_templates/preview", json=asked | {"lead_id": 999_999})
    assert problems(foreign) == {"lead_id": "is not a lead of this dealership"}


def test_the_page_fetches_nothing() -> None:
    page = letter.mail(BUILT_IN["notification"], values_of(EXAMPLE, Sender()), dealership="Ours").html

    assert page is not None
    fetched = re.findall(r"(?:src|url\(|@import|<link|<script|<img|<iframe)", page)
    assert fetched == []
    assert "max-width:600px" in page
