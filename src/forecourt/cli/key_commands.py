"""The commands about API keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from cyclopts import Parameter

from forecourt.access.permissions import PERMISSIONS
from forecourt.cli.output import BAD_USAGE, as_json, complain, line, note, table
from forecourt.cli.place import HERE, Json, Where, told_by


def keys_create(
    *,
    name: Annotated[str, Parameter(help="To recognise it by.")],
    dealership: Annotated[
        list[str], Parameter(consume_multiple=True, help="Slugs or ids of the dealerships it speaks for.")
    ],
    permission: Annotated[list[str], Parameter(consume_multiple=True, help=f"{', '.join(PERMISSIONS)}.")],
    mode: Annotated[Literal["live", "test"], Parameter(help="What its prefix says.")] = "live",
    expires: Annotated[
        str | None, Parameter(help="A day (2027-01-31) or a time from now (90d, 12h).")
    ] = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Create an API key. Its token is shown this once.

    **Examples**

        forecourt keys create --name website --dealership test-dealer --permission create:lead update:lead
        forecourt keys create --name audit --dealership a b --permission read:lead --expires 90d --json
    """
    from forecourt.access.keys import issue_key  # noqa: PLC0415

    for word in permission:
        if word not in PERMISSIONS:
            return complain(f"{word!r} is no permission: use {', '.join(PERMISSIONS)}", BAD_USAGE)
    try:
        expires_at = _moment(expires)
    except ValueError:
        return complain(
            f"{expires!r} is no time: use a day (2027-01-31) or a time from now (90d, 12h)", BAD_USAGE
        )

    issued = told_by(
        where,
        lambda database: issue_key(
            database,
            name=name,
            mode=mode,
            permissions=permission,
            dealerships=dealership,
            expires_at=expires_at,
        ),
    )
    if json:
        as_json(issued)
    else:
        line(issued.token)
        note(f"key {issued.id}; keep its token, it is not shown again")
    return 0


def keys_list(*, where: Where = HERE, json: Json = False) -> int:
    """List the API keys; never their tokens.

    **Examples**

        forecourt keys list
        forecourt keys list --json
    """
    from forecourt.access.keys import list_keys  # noqa: PLC0415

    found = told_by(where, list_keys)
    if json:
        as_json(found)
        return 0
    table(
        ("id", "name", "token", "dealerships", "permissions", "expires", "revoked", "last used"),
        [
            (
                key.id,
                key.name,
                f"fc_{key.mode}_…{key.token_hint}",
                ", ".join(key.dealerships),
                ", ".join(key.permissions),
                _shown(key.expires_at),
                _shown(key.revoked_at),
                _shown(key.last_used_at),
            )
            for key in found
        ],
        empty="there are no keys yet; create one with forecourt keys create",
    )
    return 0


def keys_revoke(
    key_id: Annotated[int, Parameter(help="The key's id, as forecourt keys list shows it.")],
    *,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Revoke an API key, at once and for good.

    **Examples**

        forecourt keys revoke 7
    """
    from forecourt.access.keys import revoke_key  # noqa: PLC0415

    told_by(where, lambda database: revoke_key(database, key_id))
    if json:
        as_json({"id": key_id, "revoked": True})
    else:
        note(f"key {key_id} is revoked")
    return 0


def _moment(text: str | None) -> datetime | None:
    """When something is to end; raises ValueError."""
    if text is None:
        return None
    span = re.fullmatch(r"([1-9][0-9]{0,4})([dh])", text)
    if span:
        return datetime.now(UTC) + timedelta(**{{"d": "days", "h": "hours"}[span[2]]: int(span[1])})
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
