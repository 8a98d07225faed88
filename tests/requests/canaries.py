"""Canaries: values that are found nowhere else, sent through every place that a request has."""

from __future__ import annotations

import base64
import itertools
import re
import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from forecourt.app import all_routes
from forecourt.files.store import FileStore
from forecourt.infra.database import Database
from forecourt.requests.harmless import SHOWN, is_code, is_code_or_integer
from tests.world import LEAD, OURS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from forecourt.infra.routes import Route

# Where the name of a thing is expected, a canary that looks like one would be shown: these get one that does not.
CODES = frozenset(name for name, shows in SHOWN.items() if shows in (is_code, is_code_or_integer))


@dataclass
class Canaries:
    """Hands them out, and remembers them.

    Attributes:
        released: by which each is found again, whatever is done to its case, its space or its escapes.
    """

    released: list[str] = field(default_factory=list)

    def one(self, name: str = "") -> str:
        """A canary for the field *name*, each in another shape."""
        number = len(self.released)
        core = f"kq{number:05d}v"
        self.released.append(core)
        if name in CODES:
            return f"{core}@home.example"
        shapes = (
            core,
            f"Mr {core} O'Hara",
            f"{core}@example.com",
            f"{core}\r\n\x1b[31m2026-01-01 forged",
            f"Ünïcode {core} ‹text, 3 characters›",
        )
        return shapes[number % len(shapes)]

    def number(self) -> str:
        """A telephone number that is one; found by its last nine digits."""
        digits = f"4915{len(self.released):05d}"
        self.released.append(digits)
        return f"0{digits}"

    def word(self) -> str:
        """A canary that can be part of a name, a token, an address."""
        core = f"kq{len(self.released):05d}v"
        self.released.append(core)
        return core


@dataclass
class Sent:
    """A request to be made."""

    method: str
    path: str
    more: dict[str, Any]


def through_every_body(routes: list[Route], canaries: Canaries) -> Iterator[Sent]:
    """For each field of each body of the API a request that has a canary in it."""
    for route in routes:
        if route.body is None:
            continue
        path = _filled(route.path)
        for body in _bodies(route.body, canaries):
            whole = {"lead": LEAD | body["lead"]} if isinstance(body.get("lead"), dict) else body
            yield Sent(route.method, path, {"json": whole})


def _bodies(struct: type, canaries: Canaries) -> Iterator[dict[str, Any]]:
    for number, one in enumerate(msgspec.structs.fields(struct)):
        yield {one.encode_name: canaries.one(one.encode_name)}
        inner = next(_structs(one.type), None)
        if inner is not None:
            for body in _bodies(inner, canaries):
                yield {one.encode_name: [body] if "list[" in str(one.type) else body}
        elif number % 3 == 0:
            yield {one.encode_name: [canaries.one(one.encode_name), {canaries.word(): canaries.one()}]}
    yield {canaries.word(): canaries.one()}


def _structs(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for inner in typing.get_args(kind):
        yield from _structs(inner)


def through_every_address(routes: list[Route], canaries: Canaries) -> Iterator[Sent]:
    """A canary in the place of each parameter of each path and query, and of a parameter's name."""
    for route in routes:
        if not route.path.startswith("/api/"):
            continue
        for name in re.findall(r"\{(\w+)\}", route.path):
            canary = quote(canaries.one(name), safe="")
            yield Sent(route.method, _filled(route.path.replace(f"{{{name}}}", canary)), {})
        for one in route.parameters:
            if one.place == "query":
                yield Sent(
                    route.method,
                    _filled(route.path),
                    {"params": {one.name: canaries.one(_as_field(one.name))}},
                )
        yield Sent(route.method, _filled(route.path), {"params": {canaries.word(): canaries.one()}})
    for number in range(10):
        yield Sent("GET", f"/api/v1/{quote(canaries.one(), safe='')}{'/leads' * (number % 2)}", {})


def _as_field(name: str) -> str:
    return "tag" if name == "tag" else name


def _filled(path: str) -> str:
    path = path.replace("{dealership}", OURS).replace("{kind}", "phone")
    return re.sub(r"\{\w+\}", "1", path)


def through_every_header(canaries: Canaries) -> Iterator[Sent]:
    """A canary in each header that anybody may send."""
    for name in (
        "Accept", "Accept-Language", "Authorization", "Authentication", "Content-Encoding", "Content-Type", "Cookie",
        "Forwarded", "From", "If-Match", "If-None-Match", "Origin", "Referer", "User-Agent", "X-Forwarded-For", "X-Real-Ip",
        "X-Api-Key", "Idempotency-Key", "Content-Disposition", "Expect-Ct",
    ):  # fmt: skip
        for canary in (
            canaries.word(),
            f"Bearer {canaries.word()}",
            f'"{canaries.word()}"',
            f"text/{canaries.word()}; a=1",
        ):
            yield Sent("POST", "/api/v1/leads", {"headers": {name: canary}, "json": {"lead": LEAD}})
        yield Sent("GET", "/api/v1/leads", {"headers": {canaries.word(): canaries.word()}})


def through_every_body_that_cannot_be_read(canaries: Canaries) -> Iterator[Sent]:
    """Bodies that are refused before anybody knows what is in them."""
    word = canaries.word
    json, form = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (
        f'{{"lead": {{"name": "{word()}"',
        f'{{"lead": {{"{(twice := word())}": "{word()}", "{twice}": "{word()}"}}}}',
        f'{{"lead": "{word()}"}}',
        f'["{word()}"]',
        f"{word()}",
        f'{{"lead": {{"name": "{word()}\\ud800"}}}}',
        f'{{"lead": {{"name": "{word()}\\u0000"}}}}',
        f'{{"lead": {{"{word()}{"x" * 200}": 1}}}}',
        f'{{"{word()}": {{"lead": NaN}}}}',
        '{"a":' * 40 + f'"{word()}"' + "}" * 40,
    ):
        yield Sent("POST", "/api/v1/leads", {"content": content.encode(), "headers": json})
    for content in (
        f"lead[name]={word()}&{word()}={word()}",
        f"{(kinds := word())}=a&{kinds}[b]=c",
        f"lead[{word()}][]={word()}&lead[message]={word()} & {word()}",
        f"lead={word()}",
        f"%ff{word()}=1",
        f"{word()}%0A[a]=1",
    ):
        yield Sent("POST", "/api/v1/leads", {"content": content.encode(), "headers": form})
    boundary = word()
    multipart = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    for content in (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{word()}"\r\n\r\n{word()}\r\n',
        f'--{boundary}\r\nContent-Disposition: form-data; name="lead[name]"\r\nX-{word()}: {word()}\r\n\r\n{word()}\r\n--{boundary}--',
        f"--{boundary}\r\n{word()}",
    ):
        yield Sent("POST", "/api/v1/leads", {"content": content.encode(), "headers": multipart})


def through_files(canaries: Canaries) -> Iterator[Sent]:
    """Canaries as the names, the types and the contents of files, taken and refused."""
    for ending in ("pdf", "txt", "exe", ""):
        name = f"{canaries.word()}.{ending}" if ending else canaries.word()
        content = f"%PDF-1.7\n{canaries.word()}" if ending == "pdf" else canaries.word()
        encoded = base64.b64encode(content.encode()).decode()
        uri = f"data:text/plain;name={name};base64,{encoded}"
        file = {"file": uri, "filename": canaries.word() + ".txt", "file_type": "other"}
        yield Sent("POST", "/api/v1/leads", {"json": {"lead": LEAD | {"lead_files_attributes": [file]}}})
        yield Sent(
            "POST", "/api/v1/leads", {"json": {"lead": LEAD | {"lead_files_attributes": [{"file": uri}]}}}
        )
        form = {f"lead[{key}]": value for key, value in LEAD.items()}
        part = (name, content.encode(), f"text/{canaries.word()}")
        files = {"lead[lead_files_attributes][][file]": part}
        yield Sent("POST", "/api/v1/leads", {"data": form, "files": files})


def through_what_is_taken(canaries: Canaries) -> Iterator[Sent]:
    """Leads that are taken, with a canary wherever there may be one."""
    for number in range(12):
        lead = LEAD | {
            "name": canaries.word(),
            "last_name": f"{canaries.word()}-Smith",
            "email": f"{canaries.word()}@example.com",
            "phone": canaries.number(),
            "message": f"I am {canaries.word()}\nand so on, {canaries.word()}",
            "dob": "01/02/1971",
            "customer_address": f"{canaries.word()} Street",
            "address_attributes": {
                name: canaries.word()
                for name in ("street", "city", "state", "state_long", "country", "line1")
            },
            "fields": {
                canaries.word(): {canaries.word(): [canaries.word()]},
                "utm_campaign": canaries.word(),
            },
            "charge_breakdown": {
                "charges": [{"name": canaries.word(), "amount": 12}],
                "total": {"amount": 4711},
            },
            "user_email": f"{canaries.word()}@dealer.example",
            "payment_attributes": {"amount": 5, "external_transaction_id": canaries.word()},
            canaries.word(): canaries.word(),
            "nickname": {"first": canaries.word()},
        }
        yield Sent("POST", f"/api/v1/leads{'?dry_run=true' * (number % 2)}", {"json": {"lead": lead}})
        yield Sent("PUT", "/api/v1/leads/1", {"json": {"lead": lead, canaries.word(): canaries.word()}})


def through_rooms(cluster_id: int, canaries: Canaries) -> Iterator[Sent]:
    """What staff write, where it is taken."""
    at = f"/api/v1/dealerships/{OURS}"
    cluster = f"{at}/lead_clusters/{cluster_id}"
    contact = {"name": canaries.word(), "last_name": canaries.word(), "business_name": canaries.word()}
    contact |= {"customer_address": canaries.word(), "dob": "1971-02-01"}
    yield Sent("PUT", cluster, {"json": {"lead_cluster": {"contact": contact, "lead_state": "contacted"}}})
    yield Sent(
        "POST", f"{cluster}/activities", {"json": {"activity": {"kind": "note", "body": canaries.word()}}}
    )
    booked = {"purpose": "Test Drive", "starts_at": "2031-03-03 10:00:00", "note": canaries.word()}
    yield Sent("POST", f"{cluster}/appointments", {"json": {"appointment": booked}})
    entry = {"kind": "email", "value": f"{canaries.word()}@example.com", "note": canaries.word()}
    yield Sent("POST", f"{at}/stop_list", {"json": {"stop_list_entry": entry}})
    option = {"state": "lost", "name": canaries.word()}
    yield Sent("POST", f"{at}/lead_status_options", {"json": {"lead_status_option": option}})
    rule = {"name": canaries.word(), "user_ids": [501]}
    yield Sent("POST", f"{at}/assignment_rules", {"json": {"assignment_rule": rule}})
    day = {"day": "2031-03-03", "name": canaries.word()}
    yield Sent("PUT", f"{at}/response_settings", {"json": {"response_settings": {"closed_days": [day]}}})
    for path in ("", "/events", "/activities", "/appointments", "/possible_duplicates"):
        yield Sent("GET", f"{cluster}{path}", {})
    for path in (
        "stop_list",
        "lead_status_options",
        "assignment_rules",
        "response_settings",
        "staff",
        "appointments",
    ):
        yield Sent("GET", f"{at}/{path}", {})
    for path in ("leads/1", "leads/1/events", "leads", "apikeys/apikey_details.json", "requests"):
        yield Sent("GET", f"/api/v1/{path}", {})
    for name in ("q", "email", "phone"):
        yield Sent("GET", f"{at}/lead_clusters", {"params": {name: canaries.number()}})


def everything(folder: Path, cluster_id: int, canaries: Canaries) -> list[Sent]:
    """All of it."""
    routes = all_routes(Database(connections=1), FileStore(folder))
    return list(
        itertools.chain(
            through_what_is_taken(canaries),
            through_rooms(cluster_id, canaries),
            through_every_body(routes, canaries),
            through_every_address(routes, canaries),
            through_every_header(canaries),
            through_every_body_that_cannot_be_read(canaries),
            through_files(canaries),
        )
    )
