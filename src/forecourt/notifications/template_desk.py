"""The templates as a dealership keeps them: read, added, changed, removed, looked at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from forecourt import vocabulary
from forecourt.dealerships.desk import id_in
from forecourt.dealerships.operation import Change, Nothing, Operation, Outcome, nothing_to_find
from forecourt.events.record import record_event
from forecourt.infra.database import record
from forecourt.infra.refusals import Invalid, Problem
from forecourt.messages import language, letter
from forecourt.messages.built_in import BUILT_IN, KINDS, Wording
from forecourt.messages.facts import EXAMPLE, VARIABLES, Facts, values_of
from forecourt.messages.facts_queries import DEALERSHIP_OF_MAIL, FACTS_OF_LEAD
from forecourt.messages.language import BadTemplate
from forecourt.messages.segments import segments_of
from forecourt.notifications.refusals import MessageTemplateNotFound
from forecourt.notifications.template_queries import (
    ADD_TEMPLATE,
    CHANGE_TEMPLATE,
    LOCKED_TEMPLATE,
    REMOVE_TEMPLATE,
    TEMPLATE,
    TEMPLATES,
)
from forecourt.notifications.template_schema import (
    BuiltInOut,
    MessageTemplateIn,
    MessageTemplateList,
    MessageTemplateOut,
    PreviewIn,
    PreviewOut,
    VariableOut,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecourt.ids import DealershipId
    from forecourt.infra.database import Connection
    from forecourt.messages.letter import Letter
    from forecourt.messages.sender import Sender

READ = "read:dealership"
READ_LEAD = "read:lead"
MANAGE = "manage:dealership"

_AUTOMATIC = ("customer_email", "notification")
_FIELDS = ("kind", "name", "category", "subject", "body", "marketing", "enabled")
_TAKEN = {
    "message_template_name_key": Problem("name", "is the name of another template of this kind"),
    "message_template_by_category": Problem(
        "category", "has another template of this kind in use; switch that one off first"
    ),
}


async def templates(connection: Connection, dealership_id: DealershipId) -> MessageTemplateList:
    """The templates of a dealership, and what they are made of."""
    return MessageTemplateList(
        message_templates=await connection.every(MessageTemplateOut, TEMPLATES, dealership_id=dealership_id),
        built_in=[
            BuiltInOut(kind=kind, subject=one.subject, body=one.body) for kind, one in BUILT_IN.items()
        ],
        variables=[VariableOut(name, meaning) for name, meaning in VARIABLES.items()],
        filters=list(language.FILTERS),
    )


async def the_template(
    connection: Connection, dealership_id: DealershipId, path: Mapping[str, str]
) -> MessageTemplateOut:
    """The template that *path* names.

    Raises:
        MessageTemplateNotFound: the dealership has none such.
    """
    template_id = id_in(path, "template_id", MessageTemplateNotFound)
    found = await connection.one_or_none(
        MessageTemplateOut, TEMPLATE, dealership_id=dealership_id, template_id=template_id
    )
    if found is None:
        raise MessageTemplateNotFound
    return found


async def _locked(change: Change) -> MessageTemplateOut:
    template_id = id_in(change.path, "template_id", MessageTemplateNotFound)
    found = await change.connection.one_or_none(
        MessageTemplateOut, LOCKED_TEMPLATE, dealership_id=change.dealership_id, template_id=template_id
    )
    if found is None:
        raise MessageTemplateNotFound
    return found


async def _add(change: Change, _: None, sent: MessageTemplateIn) -> Outcome:
    values = _read(sent, None)
    told = await change.connection.one(
        MessageTemplateOut, ADD_TEMPLATE, dealership_id=change.dealership_id, **values
    )
    return await _outcome(change, "message_template.created", None, told, status=201)


async def _change(change: Change, before: MessageTemplateOut, sent: MessageTemplateIn) -> Outcome:
    values = _read(sent, before)
    if all(getattr(before, name) == values[name] for name in _FIELDS):
        return Outcome(body=before, version=before.version)
    after = await change.connection.one(
        MessageTemplateOut,
        CHANGE_TEMPLATE,
        dealership_id=change.dealership_id,
        template_id=before.id,
        now=change.now,
        **values,
    )
    return await _outcome(change, "message_template.updated", before, after)


async def _remove(change: Change, before: MessageTemplateOut, _: Nothing) -> Outcome:
    await change.connection.run(REMOVE_TEMPLATE, dealership_id=change.dealership_id, template_id=before.id)
    return await _outcome(change, "message_template.deleted", before, None)


async def _outcome(
    change: Change,
    kind: str,
    before: MessageTemplateOut | None,
    after: MessageTemplateOut | None,
    *,
    status: int = 200,
) -> Outcome:
    changes = {"id": {"from": before and before.id, "to": after and after.id}} | {
        name: {"from": getattr(before, name, None), "to": getattr(after, name, None)}
        for name in _FIELDS
        if getattr(before, name, None) != getattr(after, name, None)
    }
    await record_event(change, kind, None, changes)
    told = after or before
    assert told is not None  # noqa: S101 - one of them is there
    return Outcome(
        body=told, status=status, version=None if after is None else after.version, changes=changes
    )


def _read(sent: MessageTemplateIn, before: MessageTemplateOut | None) -> dict[str, Any]:
    """What the template will be.

    Raises:
        Invalid: it does not fit; every problem is named, of what is written in it with the place.
    """
    values = {
        name: getattr(before, name, None) if getattr(sent, name) is UNSET else getattr(sent, name)
        for name in _FIELDS
    }
    if sent.name is UNSET and before is None:
        values["name"] = values["category"] or values["kind"]
    values["marketing"] = bool(values["marketing"])
    values["enabled"] = values["enabled"] is not False
    problems = _problems(values)
    if values["category"] is not None:
        values["category"] = vocabulary.CATEGORY.canonical(values["category"]) or values["category"]
    if problems:
        raise Invalid(problems=tuple(problems))
    values["name"] = str(values["name"]).strip()
    return values


def _problems(values: dict[str, Any]) -> list[Problem]:
    problems = []
    kind = values["kind"]
    if kind not in KINDS:
        problems.append(Problem("kind", "is missing" if kind is None else "is not a kind", KINDS))
    name = (values["name"] or "").strip()
    if not name or not name.isprintable():
        problems.append(Problem("name", "must be one line that is not empty"))
    if values["category"] is not None and kind not in _AUTOMATIC:
        problems.append(Problem("category", f"goes with {' and '.join(_AUTOMATIC)} only"))
    elif values["category"] is not None and vocabulary.CATEGORY.canonical(values["category"]) is None:
        problems.append(Problem("category", "is not an allowed value", vocabulary.CATEGORY.values))
    if values["marketing"] and kind == "notification":
        problems.append(Problem("marketing", "staff are told, not advertised to"))
    return problems + of_wording(kind, values["subject"], values["body"])


def of_wording(kind: str | None, subject: str | None, body: str | None) -> list[Problem]:
    """What is wrong with what a template says."""
    problems = []
    if not (body or "").strip():
        problems.append(Problem("body", "is missing"))
    if kind == "sms" and subject is not None:
        problems.append(Problem("subject", "goes with mail only"))
    elif kind != "sms" and not (subject or "").strip():
        problems.append(Problem("subject", "is missing"))
    readers = (
        ("subject", subject, language.read_line),
        ("body", body, language.read_text if kind == "sms" else language.read_markdown),
    )
    for field, source, read in readers:
        try:
            template = read(source or "")
            language.hold_against(template, source or "", VARIABLES)
            for values in ({}, _EXAMPLE):
                template.write(values)
        except BadTemplate as error:
            problems.append(Problem(field, str(error), error.allowed))
    return problems


async def _preview(sender: Sender, change: Change, _: None, sent: PreviewIn) -> Outcome:
    written = await written_as(sender, change, sent)
    return Outcome(body=_shown(sent.kind, written))


async def written_as(sender: Sender, change: Change, sent: PreviewIn) -> Letter:
    """What a template comes to, as *sender* would write it.

    Raises:
        Invalid: it cannot be read, or there is no such lead; every problem is named.
    """
    kind = None if sent.kind is UNSET else sent.kind
    subject = None if sent.subject is UNSET else sent.subject
    body = None if sent.body is UNSET else sent.body
    problems = of_wording(kind, subject, body)
    if kind not in KINDS:
        problems.insert(0, Problem("kind", "is missing" if kind is None else "is not a kind", KINDS))
    facts = await _facts(change, sent)
    if facts is None:
        problems.append(Problem("lead_id", "is not a lead of this dealership"))
    if problems or facts is None:
        raise Invalid(problems=tuple(problems))
    link = sender.unsubscribe_link("example") if sent.marketing is True else None
    values = values_of(facts, sender, unsubscribe=link)
    wording = Wording(subject=subject, body=body or "")
    try:
        if kind == "sms":
            return letter.text_message(wording, values, unsubscribe=link)
        return letter.mail(wording, values, dealership=facts.dealership_name, unsubscribe=link)
    except BadTemplate as error:
        raise Invalid(problems=(Problem("body", str(error)),)) from None


async def _facts(change: Change, sent: PreviewIn) -> Facts | None:
    """The lead that is asked for, None where there is none; without one an example of this dealership."""
    if isinstance(sent.lead_id, int):
        change.standing.caller.require(READ_LEAD)
        return await change.connection.one_or_none(
            Facts, FACTS_OF_LEAD, dealership_id=change.dealership_id, lead_id=sent.lead_id
        )
    own = await change.connection.one(record, DEALERSHIP_OF_MAIL, dealership_id=change.dealership_id)
    return msgspec.structs.replace(EXAMPLE, **own)


def _shown(kind: object, written: Letter) -> PreviewOut:
    return PreviewOut(
        subject=written.subject or None,
        html=written.html,
        text=written.text,
        missing=list(written.missing),
        segments=segments_of(written.text).count if kind == "sms" else None,
    )


# Everything that a template can ask for, to see that it can be written.
_EXAMPLE: Mapping[str, dict[str, str]] = {
    group: {name.partition(".")[2]: "example" for name in VARIABLES if name.startswith(f"{group}.")}
    for group in {name.partition(".")[0] for name in VARIABLES}
}

ADD = Operation(MANAGE, nothing_to_find, MessageTemplateIn, _add, constraints=_TAKEN)
CHANGE = Operation(MANAGE, _locked, MessageTemplateIn, _change, constraints=_TAKEN)
REMOVE = Operation(MANAGE, _locked, Nothing, _remove)


def preview_operation(sender: Sender) -> Operation[None, PreviewIn]:
    """The operation that shows what a template comes to, as *sender* would write it."""
    return Operation(READ, nothing_to_find, PreviewIn, partial(_preview, sender))
