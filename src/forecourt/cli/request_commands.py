"""The commands about the request log: list, show, replay."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from forecourt.cli.output import REFUSED, as_json, line, note
from forecourt.cli.place import HERE, Json, Where, told_by

if TYPE_CHECKING:
    from forecourt.requests.answers import RequestDetails, RequestOut
    from forecourt.requests.replay import Replayed

RequestId = Annotated[str, Parameter(help="The request's id, or the X-Request-Id of its answer.")]


@Parameter(name="*")
@dataclass(frozen=True)
class Filters:
    """Which requests are asked for."""

    lead_id: Annotated[int | None, Parameter(help="About this lead.")] = None
    lead_cluster_id: Annotated[int | None, Parameter(help="About this lead cluster.")] = None
    request_id: Annotated[str | None, Parameter(help="With this X-Request-Id.")] = None
    route: Annotated[str | None, Parameter(help="Of this route, as /api/v1/leads/{id}.")] = None
    path: Annotated[str | None, Parameter(help="With a path that begins so.")] = None
    text: Annotated[str | None, Parameter(help="With this in the path, the problem or a masked body.")] = None
    method: Annotated[str | None, Parameter(help="GET, POST, PUT …")] = None
    status: Annotated[str | None, Parameter(help="A status (422) or a class (4xx).")] = None
    api_key_id: Annotated[int | None, Parameter(help="By this key.")] = None
    since: Annotated[str | None, Parameter(help="Answered then or later: 2026-11-23T09:30:00+10:00.")] = None
    until: Annotated[str | None, Parameter(help="Answered before.")] = None
    limit: Annotated[int, Parameter(help="How many at most, up to 200.")] = 50
    cursor: Annotated[str | None, Parameter(help="The page after this one.")] = None


ALL = Filters()


def requests_list(*, filters: Filters = ALL, where: Where = HERE, json: Json = False) -> int:
    """List the calls of the API, the newest in front; those with an unknown key too.

    **Examples**

        forecourt requests list --status 4xx
        forecourt requests list --lead-id 196 --json
    """
    from forecourt.requests.by_command import list_requests  # noqa: PLC0415

    asked = asdict(filters)
    asked |= {"from": asked.pop("since"), "to": asked.pop("until")}
    page = told_by(where, lambda database: list_requests(database, asked))
    if json:
        as_json(page)
        return 0
    for one in page.requests:
        line(_summary(one))
    if not page.requests:
        note("no such requests")
    if page.next_cursor:
        note(f"more: --cursor {page.next_cursor}")
    return 0


def requests_show(request_id: RequestId, *, where: Where = HERE, json: Json = False) -> int:
    """Show a call: what was sent and answered, personal data masked.

    **Examples**

        forecourt requests show req_0193a1c0a5e27b1c9d0f3c1a2b4d5e6f
    """
    from forecourt.requests.by_command import show_request  # noqa: PLC0415

    found = told_by(where, lambda database: show_request(database, request_id))
    if json:
        as_json(found)
    else:
        _show(found)
    return 0


def replay(
    request_id: RequestId,
    *,
    key: Annotated[str, Parameter(help="An API key of the server that it is sent to.")],
    to: Annotated[
        str | None, Parameter(help="That server; by default the one of FORECOURT_HOST and FORECOURT_PORT.")
    ] = None,
    dry_run: Annotated[
        bool, Parameter(name="--dry-run", negative="", help="Ask the server to undo what it does.")
    ] = False,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Send a recorded call again, with made-up values in the place of what was masked.

    Those are written, as the call says: send it to a server for tests, with a test key, or with --dry-run. An
    Idempotency-Key is a new one. Exit code 1 where the status is not the recorded one.

    **Examples**

        forecourt replay req_0193a1c0a5e27b1c9d0f3c1a2b4d5e6f --to http://127.0.0.1:8000 --key fc_test_…
        forecourt replay req_0193a1c0a5e27b1c9d0f3c1a2b4d5e6f --key fc_test_… --dry-run --json
    """
    from forecourt.requests.by_command import show_request  # noqa: PLC0415
    from forecourt.requests.replay import replay as send  # noqa: PLC0415

    settings = where.settings()
    recorded = told_by(where, lambda database: show_request(database, request_id))
    address = to or f"http://{_reachable(settings.host)}:{settings.port}"
    sent = asyncio.run(send(recorded, to=address, key=key, dry_run=dry_run))
    if json:
        as_json(sent)
    else:
        _tell(sent)
    return 0 if sent.status == sent.recorded_status else REFUSED


def _reachable(host: str) -> str:
    """Where a server that listens on *host* is found from here."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{shown}]" if ":" in shown else shown


def _summary(one: RequestOut) -> str:
    """One call in one line."""
    key = f"key {one.api_key.id}" if one.api_key else f"key …{one.key_hint}" if one.key_hint else "no key"
    told = [
        f"{one.at:%Y-%m-%d %H:%M:%S}",
        str(one.status),
        f"{one.method} {one.path}",
        f"{one.duration_ms:.1f} ms",
        key,
        *([f"lead {', '.join(map(str, one.lead_ids))}"] if one.lead_ids else []),
        *([one.problem] if one.problem else []),
        *([f"{len(one.warnings)} warnings"] if one.warnings else []),
        one.request_id,
        one.id,
    ]
    return "  ".join(told)


def _show(found: RequestDetails) -> None:
    key = f"key {found.api_key.id} ({found.api_key.name})" if found.api_key else "no known key"
    line(f"{found.method} {found.path}  {found.status}  {found.duration_ms:.1f} ms")
    line(f"{found.at:%Y-%m-%d %H:%M:%S} UTC, {key}, {found.request_id}")
    for name, value in (
        ("query", found.query),
        ("request headers", found.request_headers),
        ("request body", found.request_body),
        ("warnings", found.warnings),
        ("answer", found.response_body),
    ):
        if value:
            line(f"\n{name}\n{_pretty(value)}")


def _tell(sent: Replayed) -> None:
    line(f"{sent.method} {sent.url}")
    line(f"status {sent.status}, recorded {sent.recorded_status}")
    for name, (then, now) in sent.differences.items():
        if name != "status":
            line(f"{name}: then {_pretty(then)}, now {_pretty(now)}")
    if sent.made_up:
        note(f"made up: {', '.join(sent.made_up)}")
    if sent.answer is not None:
        line(_pretty(sent.answer))


def _pretty(value: object) -> str:
    import msgspec  # noqa: PLC0415 - only where something is shown

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
