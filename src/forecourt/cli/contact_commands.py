"""The commands about people: find, export, erase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from forecourt.cli.output import REFUSED, as_json, complain, note, table
from forecourt.cli.place import HERE, Json, Where, told_by
from forecourt.contacts.names import whole_name

if TYPE_CHECKING:
    from forecourt.files.store import FileStore

Dealership = Annotated[str, Parameter(help="The dealership's slug or id.")]
ContactId = Annotated[int, Parameter(help="The contact's id, as forecourt contacts find shows it.")]


def contacts_find(
    words: Annotated[
        str,
        Parameter(help="A name, an e-mail address, a phone number in any spelling, or its last four digits."),
    ],
    *,
    dealership: Dealership,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Find people by what is known of them.

    **Examples**

        forecourt contacts find "0491 570 006" --dealership test-dealer
        forecourt contacts find jordan@example.com --dealership test-dealer --json
    """
    from forecourt.privacy.by_command import find_contacts  # noqa: PLC0415

    found = told_by(where, lambda database: find_contacts(database, dealership, words))
    if json:
        as_json(found)
        return 0
    table(
        ("contact", "lead cluster", "name", "e-mail", "phone", "leads", "latest lead"),
        [
            (
                one.contact.id,
                one.id,
                whole_name(one.contact.name, one.contact.last_name),
                ", ".join(point.value for point in one.contact.emails),
                ", ".join(point.value for point in one.contact.phones),
                one.lead_count,
                f"{one.last_lead_created_at:%Y-%m-%d}",
            )
            for one in found
        ],
        empty="nobody is known by that",
    )
    return 0


def contacts_export(
    contact_id: ContactId,
    *,
    dealership: Dealership,
    output: Annotated[
        Path | None, Parameter(name=("--output", "-o"), help="The archive to write; contact-ID.zip.")
    ] = None,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Write all that is known about a person to a ZIP archive: a JSON document and every file.

    That it was handed out is logged as an event, contact.exported.

    **Examples**

        forecourt contacts export 41 --dealership test-dealer
        forecourt contacts export 41 --dealership test-dealer --output /tmp/jordan.zip
    """
    from forecourt.privacy.by_command import export_contact  # noqa: PLC0415

    to = output or Path(f"contact-{contact_id}.zip")
    if to.exists():
        return complain(f"{to} is there already", REFUSED)
    store = _store(where)
    exported = told_by(where, lambda database: export_contact(database, store, dealership, contact_id, to))
    if json:
        as_json(exported)
    else:
        note(
            f"{exported.file}: {exported.leads} leads in {exported.lead_clusters} lead clusters, {exported.size} bytes"
        )
    return 0


def contacts_erase(
    contact_id: ContactId,
    *,
    dealership: Dealership,
    yes: Annotated[bool, Parameter(name="--yes", negative="", help="Erase; without it nothing is.")] = False,
    where: Where = HERE,
    json: Json = False,
) -> int:
    """Erase a person, for good: what could name them goes from leads, events, files, notes and stored answers.

    Ids, times and counts stay. Without --yes it tells what would be erased. That it was done is logged as an event,
    contact.erased.

    **Examples**

        forecourt contacts erase 41 --dealership test-dealer
        forecourt contacts erase 41 --dealership test-dealer --yes
    """
    from forecourt.privacy.by_command import erase_contact  # noqa: PLC0415

    store = _store(where)
    erased = told_by(
        where,
        lambda database: erase_contact(database, store, dealership, contact_id, dry_run=not yes),
    )
    if json:
        as_json({"dry_run": not yes, "erased": erased})
    else:
        told = f"{erased.leads} leads in {len(erased.lead_cluster_ids)} lead clusters, {erased.files} files"
        note(f"erased: {told}" if yes else f"would erase {told}; add --yes to do so")
    return 0


def _store(where: Where) -> FileStore:
    from forecourt.files.store import FileStore  # noqa: PLC0415

    store = FileStore(where.settings().data_dir / "files")
    store.open()
    return store
