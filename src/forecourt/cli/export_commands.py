"""The commands that export lists: leads, lead clusters."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import Parameter

from forecourt.cli.output import BAD_USAGE, complain
from forecourt.cli.place import HERE, Json, Where

if TYPE_CHECKING:
    from forecourt.cli.exporting import Begin

Format: TypeAlias = Literal["csv", "xlsx"]
Formatted = Annotated[
    Format | None,
    Parameter(name="--format", help="csv or xlsx; what the output's name ends in, or csv."),
]
Output = Annotated[
    Path | None,
    Parameter(
        name=("--output", "-o"),
        help="The file to write, which must not be there yet; - or nothing for standard output.",
        allow_leading_hyphen=True,
    ),
]
Filters = Annotated[
    tuple[str, ...],
    Parameter(
        name="--filter",
        help="name=value, any number of times: the parameters of the API's list, as created_from, lead_state, sort.",
        negative=(),
        show_default=False,
    ),
]


def export_leads(
    *,
    dealership: Annotated[
        list[str], Parameter(help="The dealership's slug or id; several are one list.", negative=())
    ],
    filters: Filters = (),
    of_format: Formatted = None,
    output: Output = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Write leads to a CSV or XLSX file, by the same filters as GET /api/v1/leads.

    Times are told by the dealership's clock. In a CSV, text that a spreadsheet could take for a formula has an
    apostrophe in front. With --json a summary is told: on standard output, or on standard error where the rows are there.

    **Examples**

        forecourt export leads --dealership test-dealer > leads.csv
        forecourt export leads --dealership test-dealer --output leads.xlsx
        forecourt export leads --dealership test-dealer --filter source=Carsales --filter sort=created_at
    """
    from forecourt.exports import by_command  # noqa: PLC0415

    return _exported(
        partial(by_command.leads, dealerships=dealership, filters=filters),
        of_format,
        output,
        where,
        json=json,
    )


def export_lead_clusters(
    *,
    dealership: Annotated[str, Parameter(help="The dealership's slug or id.")],
    filters: Filters = (),
    of_format: Formatted = None,
    output: Output = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Write lead clusters to a CSV or XLSX file, by the same filters as GET …/lead_clusters: a customer a row.

    Times are told by the dealership's clock. In a CSV, text that a spreadsheet could take for a formula has an
    apostrophe in front. With --json a summary is told: on standard output, or on standard error where the rows are there.

    **Examples**

        forecourt export lead_clusters --dealership test-dealer > customers.csv
        forecourt export lead_clusters --dealership test-dealer --output waiting.xlsx --filter waiting=true
        forecourt export lead_clusters --dealership test-dealer --format csv --filter golden=true --filter user_id=7
    """
    from forecourt.exports import by_command  # noqa: PLC0415

    return _exported(
        partial(by_command.lead_clusters, dealership=dealership, filters=filters),
        of_format,
        output,
        where,
        json=json,
    )


def _exported(
    begin: Begin, of_format: Format | None, output: Path | None, where: Where, *, json: bool
) -> int:
    from forecourt.cli.exporting import export_to  # noqa: PLC0415
    from forecourt.infra.http import BadQuery  # noqa: PLC0415

    to = None if output is None or str(output) == "-" else output
    form = of_format or ("xlsx" if to is not None and to.suffix.lower() == ".xlsx" else "csv")
    try:
        return export_to(begin, form, to, where.settings(), json=json)
    except BadQuery as refused:
        told = "; ".join(f"--filter {one.field}: {one.message}" for one in refused.problems)
        return complain(told or refused.detail or refused.title, BAD_USAGE)
