"""The commands about users: the staff who sign in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from forecourt.access.roles import ROLES
from forecourt.cli.output import BAD_USAGE, as_json, complain, line, note, table
from forecourt.cli.place import HERE, Json, Where, told_by

if TYPE_CHECKING:
    from forecourt.settings import Settings

Email = Annotated[str, Parameter(help="The address that they sign in with.")]
PasswordStdin = Annotated[
    bool,
    Parameter(
        name="--password-stdin", negative="", help="Read the password from standard input, its first line."
    ),
]


def users_create(
    *,
    email: Email,
    name: Annotated[str, Parameter(help="As people call them.")],
    role: Annotated[str, Parameter(help=f"{', '.join(ROLES)}.")],
    dealership: Annotated[str | None, Parameter(help="The dealership's slug or id.")] = None,
    group: Annotated[str | None, Parameter(help="The slug of a group: the role in all of it.")] = None,
    password_stdin: PasswordStdin = False,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Create a user. Without a password it prints a link by which they choose one, good once for seven days.

    For somebody who is there it adds the role. A password that somebody has is never replaced by it.

    **Examples**

        forecourt users create --email mia@example.com --name "Mia Chen" --role owner --dealership test-dealer
        pass show mia | forecourt users create --email mia@example.com --name "Mia Chen" --role lead_manager --dealership test-dealer --password-stdin --json
        forecourt users create --email boss@example.com --name "Jo Boss" --role owner --group northern
    """
    from forecourt.access.hashing import Hasher  # noqa: PLC0415
    from forecourt.users.by_command import create_user  # noqa: PLC0415

    known = role.lower().replace("-", "_").replace(" ", "_")
    if known not in ROLES:
        return complain(f"{role!r} is no role: use {', '.join(ROLES)}", BAD_USAGE)
    if (dealership is None) == (group is None):
        return complain("name one of --dealership and --group", BAD_USAGE)
    password = _password() if password_stdin else None
    created = told_by(
        where,
        lambda database: create_user(
            database,
            Hasher(),
            email=email,
            name=name,
            role=known,
            dealership=dealership,
            group=group,
            password=password,
        ),
    )
    link = _address(where.settings(), created.link)
    if json:
        told = {field: getattr(created, field) for field in created.__struct_fields__}
        as_json(told | {"link": link})
    elif link is None:
        line(f"{created.id} {created.email}")
    else:
        line(link)
        note(f"user {created.id}; the link is good once, for seven days")
    return 0


def users_list(*, where: Where = HERE, json: Json = False) -> int:
    """List the users and their roles.

    **Examples**

        forecourt users list
        forecourt users list --json
    """
    from forecourt.users.by_command import list_users  # noqa: PLC0415

    found = told_by(where, list_users)
    if json:
        as_json(found)
        return 0
    table(
        ("id", "e-mail", "name", "roles", "password", "second factor", "disabled"),
        [
            (
                one.id,
                one.email,
                one.name,
                ", ".join(f"{held['role']}@{held['dealership']}" for held in one.roles),
                "yes" if one.has_password else "no",
                "yes" if one.has_second_factor else "no",
                f"{one.disabled_at:%Y-%m-%d}" if one.disabled_at else "",
            )
            for one in found
        ],
        empty="there are no users yet; create one with forecourt users create",
    )
    return 0


def users_disable(
    *,
    email: Email,
    enable: Annotated[
        bool, Parameter(name="--enable", negative="", help="Let them in again instead.")
    ] = False,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Shut a user out, at once and in every browser.

    **Examples**

        forecourt users disable --email sam@example.com
        forecourt users disable --email sam@example.com --enable
    """
    from forecourt.users.by_command import disable_user  # noqa: PLC0415

    person = told_by(where, lambda database: disable_user(database, email, again=enable))
    if json:
        as_json({"id": person.id, "email": person.email, "disabled": not enable})
    else:
        note(f"user {person.id} {'can sign in again' if enable else 'is shut out'}")
    return 0


def users_reset_password(
    *,
    email: Email,
    password_stdin: PasswordStdin = False,
    drop_second_factor: Annotated[
        bool,
        Parameter(
            name="--drop-second-factor", negative="", help="For somebody who has lost it; it stays otherwise."
        ),
    ] = False,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Sign a user out everywhere, and set a new password, or print a link by which they choose one.

    **Examples**

        forecourt users reset-password --email sam@example.com
        forecourt users reset-password --email sam@example.com --drop-second-factor --json
    """
    from forecourt.access.hashing import Hasher  # noqa: PLC0415
    from forecourt.users.by_command import reset_password  # noqa: PLC0415

    password = _password() if password_stdin else None
    person, secret = told_by(
        where,
        lambda database: reset_password(
            database, Hasher(), email, password=password, drop_second_factor=drop_second_factor
        ),
    )
    link = _address(where.settings(), secret)
    if json:
        as_json({"id": person.id, "email": person.email, "link": link})
    elif link is None:
        note(f"user {person.id} has a new password")
    else:
        line(link)
        note(f"user {person.id} is signed out; the link is good once, for 24 hours")
    return 0


def users_link(*, email: Email, where: Where = HERE, json: Json = False) -> int:
    """Print a link by which a user chooses a password and is in; nothing changes until they do.

    **Examples**

        forecourt users link --email sam@example.com
        forecourt users link --email sam@example.com --json
    """
    from forecourt.users.by_command import link_for  # noqa: PLC0415

    person, secret = told_by(where, lambda database: link_for(database, email))
    link = _address(where.settings(), secret)
    if json:
        as_json({"id": person.id, "email": person.email, "link": link})
    else:
        line(link or "")
        note(f"a link for user {person.id}, good once")
    return 0


def _password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _address(settings: Settings, secret: str | None) -> str | None:
    from forecourt.access.links import path_of  # noqa: PLC0415

    if secret is None:
        return None
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    return base.rstrip("/") + path_of(secret)
