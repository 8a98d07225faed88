"""A first call in the languages that integrations are written in, filled in as far as we know. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.vocabulary import CATEGORIES, SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

# What stands where a key of one's own belongs.
NO_KEY = "fc_test_YOUR_KEY"
# Set aside for stories (ACMA), and likewise in New Zealand.
_NUMBERS: Mapping[str, str] = {"AU": "0491 570 156", "NZ": "021 000 0000"}
_CATEGORY, _SOURCE = CATEGORIES[2], SOURCES[1]


class Snippet(msgspec.Struct, frozen=True):
    """A piece of a program."""

    language: str
    name: str
    code: str


def snippets(base: str, key: str | None, dealership_id: int, country: str) -> list[Snippet]:
    """The same call, *Create Lead*, as curl, Python, JavaScript and PHP make it.

    Args:
        base: the server's address.
        key: to fill in; where it is None a word stands in its place.
        dealership_id: of the dealership that the lead is for.
        country: of it, for a telephone number that nobody has.
    """
    fields: dict[str, str | int] = {
        "dealership_id": dealership_id,
        "category": _CATEGORY,
        "source": _SOURCE,
        "name": "Pat Example",
        "email": "pat@example.com",
        "phone": _NUMBERS.get(country, ""),
        "message": "Is it still there? I could come on Saturday.",
    }
    token = key or NO_KEY
    return [
        Snippet("curl", "curl", _curl(base, token, fields)),
        Snippet("python", "Python", _python(base, token, fields)),
        Snippet("javascript", "JavaScript", _javascript(base, token, fields)),
        Snippet("php", "PHP", _php(base, token, fields)),
    ]


def refused_call(base: str, key: str | None, dealership_id: int) -> str:
    """A call that is refused, to see how: the category is not spelt as it has to be."""
    body = (
        f'{{"lead": {{"dealership_id": {dealership_id}, "category": "Test drive", "source": "{_SOURCE}",'
        ' "email": "pat@example.com", "phone": ""}}'
    )
    return (
        f"curl -X POST {base}/api/v1/leads \\\n"
        f"  -H 'Authorization: Bearer {key or NO_KEY}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'"
    )


def _curl(base: str, token: str, fields: Mapping[str, str | int]) -> str:
    body = ",\n    ".join(f"{_quoted(name)}: {_value(value)}" for name, value in fields.items())
    return (
        f"curl -X POST {base}/api/v1/leads \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{{\"lead\": {{\n    {body}\n  }}}}'"
    )


def _python(base: str, token: str, fields: Mapping[str, str | int]) -> str:
    named = "\n".join(f"    {name}={_value(value)}," for name, value in fields.items())
    return (
        "# pip install forecourt\n"
        "from forecourt.client import Forecourt\n\n"
        f"forecourt = Forecourt({_quoted(base)}, {_quoted(token)})\n"
        f"lead = forecourt.leads.create(\n{named}\n)\n"
        "print(lead.id, lead.lead_cluster_id)"
    )


def _javascript(base: str, token: str, fields: Mapping[str, str | int]) -> str:
    named = "\n".join(f"      {name}: {_value(value)}," for name, value in fields.items())
    return (
        f"const answer = await fetch({_quoted(f'{base}/api/v1/leads')}, {{\n"
        '  method: "POST",\n'
        "  headers: {\n"
        f"    Authorization: {_quoted(f'Bearer {token}')},\n"
        '    "Content-Type": "application/json",\n'
        '    "Idempotency-Key": crypto.randomUUID(),\n'
        "  },\n"
        f"  body: JSON.stringify({{\n    lead: {{\n{named}\n    }},\n  }}),\n"
        "});\n"
        "console.log(answer.status, await answer.json());"
    )


def _php(base: str, token: str, fields: Mapping[str, str | int]) -> str:
    # None of the values has an apostrophe, a dollar or a backslash.
    named = "\n".join(f"        '{name}' => {_value(value)}," for name, value in fields.items())
    return (
        "<?php\n"
        f"$call = curl_init('{base}/api/v1/leads');\n"
        "curl_setopt_array($call, [\n"
        "    CURLOPT_RETURNTRANSFER => true,\n"
        "    CURLOPT_HTTPHEADER => [\n"
        f"        'Authorization: Bearer {token}',\n"
        "        'Content-Type: application/json',\n"
        "    ],\n"
        f"    CURLOPT_POSTFIELDS => json_encode(['lead' => [\n{named}\n    ]]),\n"
        "]);\n"
        "echo curl_exec($call);"
    )


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(value: str) -> str:
    return msgspec.json.encode(value).decode()
