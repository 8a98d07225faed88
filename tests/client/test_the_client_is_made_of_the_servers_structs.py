"""The client and the server cannot drift apart, and the client needs nothing of the server to run."""

from __future__ import annotations

import inspect
import subprocess
import sys
import types
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import msgspec
import pytest
from msgspec import Meta, UnsetType

from forecourt import vocabulary
from forecourt.client import (
    AsyncForecourt,
    Forecourt,
    Lead,
    LeadClusterFields,
    LeadClusterFilters,
    LeadFields,
    LeadFilters,
    answers,
    fields,
)
from forecourt.client.awaited import AsyncDealership, AsyncLeadClusters, AsyncLeads
from forecourt.client.blocking import Dealership, LeadClusters, Leads
from forecourt.clusters import filters as cluster_filters
from forecourt.clusters import listing
from forecourt.clusters.answers import LeadClusterPage
from forecourt.clusters.schema import CarLeadClusterIn, ContactIn, LeadClusterIn
from forecourt.clusters.vocabulary import State
from forecourt.dealerships.desk import DryRunOut
from forecourt.infra.sent import Blank
from forecourt.leads import filters
from forecourt.leads.answers import DryRun, EventOut, EventPage, LeadOut, LeadPage
from forecourt.leads.schema import AddressIn, LeadFileIn, LeadIn, PaymentIn

# What is sent as a struct to the server is written as a dict in Python.
DICTS: dict[Any, Any] = {
    AddressIn: fields.Address,
    PaymentIn: fields.Payment,
    CarLeadClusterIn: fields.Car,
    ContactIn: fields.Contact,
}
# What fields.py imports for type checkers alone.
NAMES = vars(vocabulary) | {
    "datetime": datetime,
    "Decimal": Decimal,
    "LeadFileIn": LeadFileIn,
    "State": State,
}
# Amounts may be whole numbers, which a decimal's type does not say.
LOOSER = {("Payment", "amount")}


def plain(kind: Any) -> frozenset[Any]:
    """A type without limits and without the possibility to be left out, as the set of what it may be."""
    if get_origin(kind) is Annotated:
        words = [meta.extra_json_schema for meta in kind.__metadata__ if isinstance(meta, Meta)]
        allowed = [schema["enum"] for schema in words if schema and "enum" in schema]
        return frozenset(allowed[0]) if allowed else plain(get_args(kind)[0])
    if get_origin(kind) in {Union, types.UnionType}:
        parts = [each for each in get_args(kind) if each not in {UnsetType, Blank}]
        return frozenset().union(*(plain(each) for each in parts))
    if get_origin(kind) is Literal:
        return frozenset(get_args(kind))
    if get_origin(kind) in {list, dict}:
        return frozenset({(get_origin(kind), *map(plain, get_args(kind)))})
    return frozenset({DICTS.get(kind, kind)})


@pytest.mark.parametrize(
    ("struct", "sent"), [(LeadIn, LeadFields), (LeadClusterIn, LeadClusterFields), *DICTS.items()]
)
def test_the_keywords_are_the_fields_of_the_servers_struct(struct: Any, sent: Any) -> None:
    encoded = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))
    there = {encoded[name]: plain(kind) for name, kind in get_type_hints(struct, include_extras=True).items()}
    here = {name: plain(kind) for name, kind in get_type_hints(sent, localns=NAMES).items()}

    assert is_typeddict(sent)
    assert list(here) == list(there)
    for name, kind in here.items():
        looser = kind - there[name]
        assert kind | looser == there[name] | looser, name
        assert bool(looser) == ((sent.__name__, name) in LOOSER), name


def test_the_filters_are_the_servers() -> None:
    of_leads = {*filters.PARAMETERS, "dealership"} - {"state", "limit", "cursor"}
    of_clusters = {*cluster_filters.PARAMETERS} - {
        *("state", "search", "assigned_user", "secondary_user", "limit", "cursor")
    }

    assert LeadFilters.__annotations__.keys() == of_leads
    assert LeadClusterFilters.__annotations__.keys() == of_clusters
    assert get_args(get_type_hints(LeadFilters, localns=NAMES)["sort"]) == filters.SORTS
    assert get_args(get_type_hints(LeadClusterFilters, localns=NAMES)["sort"]) == listing.SORTS


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (Lead, LeadOut),
        (answers.LeadEvent, EventOut),
        (answers.LeadPage, LeadPage),
        (answers.LeadEventPage, EventPage),
        (answers.LeadClusterPage, LeadClusterPage),
    ],
)
def test_the_answers_have_the_servers_names(here: type[msgspec.Struct], there: type[msgspec.Struct]) -> None:
    assert set(here.__struct_encode_fields__) == set(there.__struct_encode_fields__)


def test_dry_runs_have_the_servers_names() -> None:
    known = {"dry_run"}

    assert {*answers.LeadDryRun.__struct_encode_fields__} | known == {*DryRun.__struct_encode_fields__}
    assert {*answers.LeadClusterDryRun.__struct_encode_fields__} | known == {
        *DryRunOut.__struct_encode_fields__
    }


def test_importing_the_client_imports_neither_database_nor_web_server() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, forecourt.client; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = told.stdout.split()

    assert {"asyncpg", "starlette", "uvicorn", "structlog", "multipart"} & {*loaded} == set()
    assert [name for name in loaded if name.startswith("forecourt.") and "client" not in name] == [
        "forecourt.access",
        "forecourt.access.answers",
        "forecourt.clusters",
        "forecourt.clusters.answers",
        "forecourt.clusters.provenance",
        "forecourt.ids",
        "forecourt.infra",
        "forecourt.infra.problems",
        "forecourt.infra.refusals",
        "forecourt.leads",
        "forecourt.leads.answers",
        "forecourt.leads.json_text",
        "forecourt.leads.records",
        "forecourt.leads.schema",
        "forecourt.vocabulary",
    ]


def test_both_clients_know_the_same_calls() -> None:
    for blocking, awaited in (
        (Forecourt, AsyncForecourt),
        (Leads, AsyncLeads),
        (LeadClusters, AsyncLeadClusters),
        (Dealership, AsyncDealership),
    ):
        shown = [
            {
                name: inspect.signature(call).parameters
                for name, call in vars(kind).items()
                if inspect.isfunction(call) and not name.startswith("_") and name != "close"
            }
            for kind in (blocking, awaited)
        ]
        assert shown[0] == shown[1]
        assert all(call.__doc__ for name, call in vars(blocking).items() if not name.startswith("__"))
