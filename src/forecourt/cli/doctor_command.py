"""The command that looks whether an installation is well."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from forecourt.cli.output import REFUSED, as_json, line, note
from forecourt.cli.place import HERE, Json, Where

if TYPE_CHECKING:
    from forecourt.doctor.examine import Finding, Place

_MARKS = {"ok": "ok     ", "warning": "warning", "wrong": "WRONG  "}


def doctor(*, where: Where = HERE, json: Json = False) -> int:
    """Look whether the installation is well: database, migrations, what must hold in it, mail, queue, disk.

    It changes nothing, and may be run beside a server, as from a timer. Exit code 1 where something is wrong.

    **Examples**

        forecourt doctor
        forecourt doctor --json
    """
    from forecourt.doctor.examine import Place  # noqa: PLC0415 - slow to load; --help needs none of it
    from forecourt.infra.embedded import hold  # noqa: PLC0415
    from forecourt.infra.mail import server_of  # noqa: PLC0415

    settings = where.settings()
    mail = server_of(settings.smtp_url) if settings.smtp_url else None
    embedded = hold(settings.data_dir) if settings.database_url is None else None
    try:
        url = settings.database_url or (embedded.url if embedded else "")
        place = Place(database_url=url, data_dir=settings.data_dir, mail=mail)
        found = asyncio.run(_looked_at(place, aloud=not json))
    finally:
        if embedded is not None:
            embedded.close()
    wrong = sum(one.state == "wrong" for one in found)
    if json:
        as_json({"ok": not wrong, "findings": found})
    elif wrong:
        note(f"{wrong} wrong; docs/reliability.md tells what to do")
    return REFUSED if wrong else 0


async def _looked_at(place: Place, *, aloud: bool) -> list[Finding]:
    """Everything that was found; told *aloud* as it is found, since some looks take their time."""
    from forecourt.doctor.examine import examine  # noqa: PLC0415

    found = []
    async for one in examine(place):
        found.append(one)
        if aloud:
            line(f"{_MARKS[one.state]}  {one.check}: {one.says}")
    return found
