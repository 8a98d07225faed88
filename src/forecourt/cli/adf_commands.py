"""The command about ADF: check."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - the command line reads the annotations
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from forecourt.cli.output import PARTLY, REFUSED, as_json, complain, line, note, table
from forecourt.cli.place import Json  # noqa: TC001 - likewise

if TYPE_CHECKING:
    from forecourt.adf.check import CheckOut

_MOST = 1024 * 1024


def adf_check(
    file: Annotated[
        Path,
        Parameter(
            help="An ADF document, or an e-mail with one (.eml); - reads stdin.", allow_leading_hyphen=True
        ),
    ],
    *,
    country: Annotated[str, Parameter(help="Where telephone numbers are read, two letters.")] = "AU",
    json: Json = False,
) -> int:
    """Check an ADF document as the server would read it: what it repairs, which rules are broken, what it makes of it.

    Exit code 0 where nothing is wrong, 3 where it would be taken all the same, 1 where nothing in it is a lead. Needs
    no database.

    **Examples**

        forecourt adf check lead.xml
        forecourt adf check message.eml --json
    """
    from forecourt.adf.check import check  # noqa: PLC0415

    try:
        content = sys.stdin.buffer.read(_MOST + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        return complain(f"{file} cannot be read: {error.strerror}", REFUSED)
    if len(content) > _MOST:
        return complain(f"{file} is larger than 1 MiB", REFUSED)
    found = check(content, is_letter=file.suffix.lower() in {".eml", ".msg"}, country=country)
    if json:
        as_json(found)
    else:
        _tell(found)
    if not found.accepted:
        return REFUSED
    return PARTLY if found.repairs or found.warnings else 0


def _tell(found: CheckOut) -> None:
    table(
        ("prospect", "category", "source", "vendor", "provider", "id"),
        [
            (one.path, one.category, one.source, one.vendor, one.provider, one.provider_id)
            for one in found.prospects
        ],
        empty="no ADF was found",
    )
    for repair in found.repairs:
        line(f"repaired ({repair.name}): {repair.detail}")
    for warning in found.warnings:
        line(f"{warning.path}: {warning.message}")
        line(f"    rule: {warning.rule}")
    if found.accepted and not (found.repairs or found.warnings):
        note("nothing is wrong with it")
