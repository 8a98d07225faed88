"""The settings: typed, frozen, read once; the only reader of the environment.

A flag counts before the environment, the environment before the env file, and that before the default.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from dotenv import dotenv_values
from msgspec import Meta

from forecourt.access.oidc_roles import roles_in
from forecourt.access.sources import proxies_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "FORECOURT_"
# Names the env file; not a setting itself.
ENV_FILE = f"{PREFIX}ENV_FILE"

# Shown as set, and no more.
_SECRETS = frozenset({"sms_token", "oidc_client_secret"})
_PASSWORD = re.compile(r"(?<=://)([^:/@]+):([^@]+)@")


class BadSetting(ValueError):
    """A setting has a value that does not fit; the message names it, the problem and what is allowed."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set."""

    data_dir: Annotated[Path, Meta(description="Where the embedded database and the files lie.")] = Path(
        "~/.local/share/forecourt"
    )
    database_url: Annotated[
        str | None, Meta(description="postgresql://… of a PostgreSQL 18 server; the embedded one when unset.")
    ] = None
    host: Annotated[str, Meta(description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="The port to listen on; 0 takes a free one.")] = (
        8000
    )
    workers: Annotated[int, Meta(ge=1, le=64, description="How many server processes.")] = 1
    database_connections: Annotated[
        int, Meta(ge=1, le=100, description="Database connections of each server process.")
    ] = 8
    worker: Annotated[
        bool, Meta(description="Whether each server process also delivers: mail, notices, webhooks.")
    ] = True
    public_url: Annotated[
        str | None,
        Meta(description="Where people and programs reach the server; links in mail begin with it."),
    ] = None
    smtp_url: Annotated[
        str | None,
        Meta(
            description="smtp://, smtps:// or smtp+starttls://user:password@host:port; mail stays in the outbox when unset."
        ),
    ] = None
    mail_from: Annotated[str, Meta(description="The address that mail comes from.")] = "forecourt@localhost"
    sms_url: Annotated[
        str | None, Meta(description="Where text messages are posted to; they stay in the outbox when unset.")
    ] = None
    sms_token: Annotated[str | None, Meta(description="The bearer token of the text messages' gateway.")] = (
        None
    )
    sms_sender: Annotated[str, Meta(description="The name or number that text messages come from.")] = (
        "Forecourt"
    )
    allow_private_webhooks: Annotated[
        bool, Meta(description="Whether webhooks may go to private addresses and by plain HTTP: for laptops.")
    ] = False
    trusted_proxies: Annotated[
        str | None,
        Meta(
            description="Addresses and networks of your proxies, with commas between: only their X-Forwarded-For is believed."
        ),
    ] = None
    oidc_issuer: Annotated[
        str | None, Meta(description="The issuer of an OpenID Connect provider by which people may sign in.")
    ] = None
    oidc_client_id: Annotated[str | None, Meta(description="What the provider calls this server.")] = None
    oidc_client_secret: Annotated[
        str | None, Meta(description="What the provider knows this server by; unset for a public client.")
    ] = None
    oidc_name: Annotated[str, Meta(description="The provider's name on the button.")] = "single sign-on"
    oidc_roles: Annotated[
        str | None,
        Meta(
            description="The provider's groups and their roles: GROUP=ROLE@DEALERSHIP or GROUP=ROLE@group:SLUG, with commas between."
        ),
    ] = None
    oidc_groups_claim: Annotated[str, Meta(description="The claim that tells somebody's groups.")] = "groups"
    oidc_creates_users: Annotated[
        bool,
        Meta(description="Whether somebody whom a group gives a role becomes a user at the first sign-in."),
    ] = False
    graceful_timeout: Annotated[
        int, Meta(ge=1, le=300, description="Seconds that requests have to finish when the server stops.")
    ] = 10
    request_log_days: Annotated[
        int, Meta(ge=0, le=366, description="How many days requests are kept in the log; 0 keeps none.")
    ] = 30
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least that is logged.")
    ] = "info"
    log_format: Annotated[Literal["json", "console"], Meta(description="How log lines are written.")] = "json"


class Setting(msgspec.Struct, frozen=True):
    """One setting as it is in force.

    Attributes:
        value: as text, secrets masked.
        origin: ``flag``, ``environment``, the env file's name, or ``default``.
    """

    name: str
    variable: str
    value: str | None
    origin: str
    meaning: str


def read_settings(
    flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings in force.

    Args:
        flags: by setting; what is None was not given.
        environment: ``os.environ`` by default.

    Raises:
        BadSetting: a value does not fit.
    """
    given = _given(flags or {}, os.environ if environment is None else environment)
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        if field.name in given:
            values[field.name] = _fitting(field, *given[field.name])
    settings = Settings(**values)
    for name, read in (("trusted_proxies", proxies_in), ("oidc_roles", roles_in)):
        try:
            read(getattr(settings, name))
        except ValueError as error:
            raise BadSetting(f"{PREFIX}{name.upper()} ({given[name][1]}): {error}") from None
    if (settings.oidc_issuer is None) != (settings.oidc_client_id is None):
        raise BadSetting(
            f"{PREFIX}OIDC_ISSUER and {PREFIX}OIDC_CLIENT_ID go together; one of them is missing"
        )
    return msgspec.structs.replace(settings, data_dir=settings.data_dir.expanduser().absolute())


def explain(
    flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> list[Setting]:
    """Every setting with its value and where that comes from; raises BadSetting as ``read_settings`` does."""
    environment = os.environ if environment is None else environment
    settings = read_settings(flags, environment)
    given = _given(flags or {}, environment)
    return [
        Setting(
            field.name,
            PREFIX + field.name.upper(),
            "***"
            if field.name in _SECRETS and field.name in given
            else masked(getattr(settings, field.name)),
            given[field.name][1] if field.name in given else "default",
            _meaning(field),
        )
        for field in msgspec.structs.fields(Settings)
    ]


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """The variables that look like settings and are none."""
    environment = os.environ if environment is None else environment
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__} | {ENV_FILE}
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that make another process read the same settings."""
    values = {name: getattr(settings, name) for name in Settings.__struct_fields__}
    return {PREFIX + name.upper(): str(value) for name, value in values.items() if value is not None}


def masked(value: object) -> str | None:
    """*value* to be shown: a password in an address is not."""
    return None if value is None else _PASSWORD.sub(r"\1:***@", str(value))


def _given(flags: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    """Setting -> value and origin, for all that were given anywhere."""
    file = Path(environment.get(ENV_FILE, ".env"))
    from_file = dotenv_values(file) if file.is_file() else {}
    if ENV_FILE in environment and not file.is_file():
        raise BadSetting(f"{ENV_FILE} names {file}, which is no file")
    given: dict[str, tuple[Any, str]] = {}
    for name in Settings.__struct_fields__:
        variable = PREFIX + name.upper()
        if from_file.get(variable):
            given[name] = from_file[variable], str(file)
        if environment.get(variable):
            given[name] = environment[variable], "environment"
        if flags.get(name) is not None:
            given[name] = flags[name], "flag"
    return given


def _fitting(field: msgspec.structs.FieldInfo, value: object, origin: str) -> Any:  # noqa: ANN401
    if field.name == "data_dir":
        return Path(str(value))
    try:
        return msgspec.convert(value, field.type, strict=False)
    except msgspec.ValidationError as error:
        variable = PREFIX + field.name.upper()
        message = str(error)
        raise BadSetting(f"{variable} ({origin}): {message[:1].lower()}{message[1:]}") from None


def _meaning(field: msgspec.structs.FieldInfo) -> str:
    annotation = field.type.__metadata__
    return str(annotation[0].description)
