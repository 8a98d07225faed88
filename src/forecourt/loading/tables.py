"""What can be loaded: every table, its columns, whose its rows are, and how a row is recognised without an id.

In the order in which tables are loaded: what a row refers to is there before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from forecourt.loading import queries, values
from forecourt.loading.shapes import Belongs, Column, Reference, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecourt.loading.shapes import Key, Record


def _by(column: str) -> Callable[[Record], Key | None]:
    def key(record: Record) -> Key | None:
        return None if record.get(column) is None else (record[column],)

    return key


def _by_first_of(*columns: str) -> Callable[[Record], Key | None]:
    def key(record: Record) -> Key | None:
        return next(((name, record[name]) for name in columns if record.get(name) is not None), None)

    return key


def _by_both(before: str, column: str) -> Callable[[Record], Key | None]:
    def key(record: Record) -> Key | None:
        return None if record.get(column) is None else (record.get(before), record[column])

    return key


def _car_key(record: Record) -> Key | None:
    """A car's stock number, whose case means nothing; of a car without one, the name."""
    number = record.get("stocknum")
    return ("stocknum", str(number).lower()) if number is not None else _by_first_of("name")(record)


def _with_slug(record: Record) -> Record:
    """With the slug that the name suggests, or the host of the address; without a name, the slug's."""
    slug = record.get("slug") or values.slug_of(str(record.get("name") or ""))
    host = str(record.get("url") or "").rpartition("://")[2].partition("/")[0].removeprefix("www.")
    slug = slug or values.slug_of(host)
    return record if slug is None else {"name": slug} | record | {"slug": slug}


def _with_full_name(record: Record) -> Record:
    """With one name made of the first and the last."""
    first, last = record.pop("first_name", None), record.pop("last_name", None)
    full = " ".join(str(part) for part in (first, last) if part)
    return record if record.get("name") or not full else record | {"name": full}


def _named_by_email(record: Record) -> Record:
    """With the name that the e-mail address suggests."""
    return {"name": str(record["email"]).partition("@")[0]} | record if record.get("email") else record


def _named_by_car(record: Record) -> Record:
    """With a name made of year, make, model and badge."""
    parts = (record.get(part) for part in ("year", "make", "model", "badge"))
    name = " ".join(str(part) for part in parts if part is not None)[: values.MAX_LINE]
    return record | {"name": name} if name and not record.get("name") else record


def _text(name: str, *also: str, nullable: bool = True) -> Column:
    return Column(name=name, read=values.line, also=also, nullable=nullable)


_NAME = _text("name", "title", nullable=False)
_URL = Column(name="url", read=values.url)
_FIRST_AND_LAST_NAME = (_text("first_name"), _text("last_name"))

GROUPS = Table(
    name="dealership_groups",
    one="dealership group",
    relation="dealership_group",
    belongs=Belongs.NOBODY,
    columns=(Column(name="slug", read=values.dealership_slug, nullable=False), _NAME),
    key=_by("slug"),
    unique="slug",
    derived=_with_slug,
    required=("slug", "name"),
    unnamed="must have an id, a slug or a name",
    folded=values.slug_in,
    find=queries.FIND_GROUPS,
    write=queries.WRITE_GROUPS,
)

DEALERSHIPS = Table(
    name="dealerships",
    one="dealership",
    relation="dealership",
    belongs=Belongs.NOBODY,
    columns=(
        Column(name="slug", read=values.dealership_slug, nullable=False),
        _NAME,
        Column(name="timezone", read=values.timezone, also=("time_zone",), nullable=False),
        Column(name="country", read=values.country, also=("country_code",), nullable=False),
    ),
    key=_by("slug"),
    unique="slug",
    derived=_with_slug,
    defaults={"timezone": "Australia/Melbourne", "country": "AU", "dealership_group_id": None},
    required=("slug", "name"),
    unnamed="must have an id, a slug or a name",
    references=(
        Reference(
            to="dealership_groups",
            names=(
                "group",
                "group_id",
                "group_slug",
                "dealership_group",
                "dealership_group_id",
                "dealership_group_slug",
            ),
            fills={"dealership_group_id": "id"},
        ),
    ),
    find=queries.FIND_DEALERSHIPS,
    write=queries.WRITE_DEALERSHIPS,
)

LOCATIONS = Table(
    name="locations",
    one="location",
    relation="location",
    belongs=Belongs.ONE,
    columns=(_NAME, _text("location_type", "type", nullable=False), _text("address")),
    key=_by("name"),
    defaults={"location_type": "sales", "address": None},
    required=("name",),
    unnamed="must have an id or a name",
    find=queries.FIND_LOCATIONS,
    write=queries.WRITE_LOCATIONS,
)

WEBSITES = Table(
    name="websites",
    one="website",
    relation="website",
    belongs=Belongs.ONE,
    columns=(Column(name="slug", read=values.slug, nullable=False), _NAME, _URL),
    key=_by("slug"),
    unique="slug",
    derived=_with_slug,
    defaults={"url": None},
    required=("slug", "name"),
    unnamed="must have an id, a slug, a name or a url",
    find=queries.FIND_WEBSITES,
    write=queries.WRITE_WEBSITES,
)

USERS = Table(
    name="users",
    one="user",
    relation="user_account",
    belongs=Belongs.MEMBERS,
    columns=(
        _NAME,
        *_FIRST_AND_LAST_NAME,
        Column(name="email", read=values.email, also=("user_email",), nullable=False),
        Column(name="role", read=values.role, nullable=False),
    ),
    key=_by("email"),
    unique="email",
    composed=_with_full_name,
    derived=_named_by_email,
    required=("email", "name"),
    unnamed="must have an id or an email",
    folded=str.lower,
    find=queries.FIND_USERS,
    write=queries.WRITE_USERS,
    grant=queries.GRANT_USERS,
    granted_with=("role",),
)

MODELS = Table(
    name="models",
    one="model",
    relation="model",
    belongs=Belongs.CATALOGUE,
    columns=(_NAME, _text("make")),
    key=_by_both("make", "name"),
    defaults={"make": None},
    required=("name",),
    unnamed="must have an id or a name",
    find=queries.FIND_MODELS,
    write=queries.WRITE_MODELS,
    grant=queries.GRANT_MODELS,
)

MODEL_VARIANTS = Table(
    name="model_variants",
    one="model variant",
    relation="model_variant",
    belongs=Belongs.CATALOGUE,
    columns=(_NAME,),
    key=_by_both("model_id", "name"),
    defaults={"model_id": None},
    required=("name",),
    unnamed="must have an id or a name",
    references=(
        Reference(
            to="models",
            names=("model_id", "model", "model_name"),
            fills={"model_id": "id"},
            gives_dealership=True,
        ),
    ),
    find=queries.FIND_MODEL_VARIANTS,
    write=queries.WRITE_MODEL_VARIANTS,
    grant=queries.GRANT_MODEL_VARIANTS,
)

COLOURS = Table(
    name="colours",
    one="colour",
    relation="colour",
    belongs=Belongs.CATALOGUE,
    columns=(_NAME,),
    key=_by("name"),
    required=("name",),
    unnamed="must have an id or a name",
    find=queries.FIND_COLOURS,
    write=queries.WRITE_COLOURS,
    grant=queries.GRANT_COLOURS,
)

CARS = Table(
    name="cars",
    one="car",
    relation="car",
    belongs=Belongs.ONE,
    columns=(
        _text("stocknum", "stock_number"),
        _text("name", "title"),
        _text("make"),
        _text("model"),
        _text("badge"),
        Column(name="year", read=values.year),
        _text("colour", "color"),
        _text("condition"),
        Column(name="price", read=values.money),
        _text("vin"),
    ),
    key=_car_key,
    derived=_named_by_car,
    defaults=dict.fromkeys(
        (
            "stocknum",
            "name",
            "make",
            "model",
            "badge",
            "year",
            "colour",
            "condition",
            "price",
            "vin",
            "location_id",
        )
    ),
    unnamed="must have an id, a stocknum or a name",
    references=(
        Reference(
            to="locations",
            names=("location_id", "location", "location_name"),
            fills={"location_id": "id"},
            gives_dealership=True,
        ),
        Reference(to="models", names=("model_id",), fills={"model": "name", "make": "make"}),
    ),
    find=queries.FIND_CARS,
    write=queries.WRITE_CARS,
)

PAGES = Table(
    name="pages",
    one="page",
    relation="page",
    belongs=Belongs.ONE,
    columns=(_text("name", "title"), _URL),
    key=_by_first_of("name", "url"),
    defaults={"name": None, "url": None, "website_id": None},
    unnamed="must have an id, a name or a url",
    references=(
        Reference(
            to="websites",
            names=("website_id", "website_slug", "website"),
            fills={"website_id": "id"},
            gives_dealership=True,
        ),
    ),
    find=queries.FIND_PAGES,
    write=queries.WRITE_PAGES,
)

TEAM_MEMBERS = Table(
    name="team_members",
    one="team member",
    relation="team_member",
    belongs=Belongs.ONE,
    columns=(_NAME, *_FIRST_AND_LAST_NAME, Column(name="email", read=values.email)),
    key=_by("name"),
    composed=_with_full_name,
    defaults={"email": None},
    required=("name",),
    unnamed="must have an id or a name",
    references=(
        Reference(
            to="users", names=("user", "user_id", "user_email"), fills={"name": "name", "email": "email"}
        ),
    ),
    find=queries.FIND_TEAM_MEMBERS,
    write=queries.WRITE_TEAM_MEMBERS,
)

TABLES = {
    table.name: table
    for table in (
        GROUPS,
        DEALERSHIPS,
        LOCATIONS,
        WEBSITES,
        USERS,
        MODELS,
        MODEL_VARIANTS,
        COLOURS,
        CARS,
        PAGES,
        TEAM_MEMBERS,
    )
}


def unknown_table(name: str) -> str:
    """What to say about a table that does not exist."""
    nearest = process.extractOne(name[: values.MAX_LINE], list(TABLES), scorer=fuzz.WRatio)[0]
    return f"there is no such table; did you mean {nearest}? All of them: {', '.join(TABLES)}"
