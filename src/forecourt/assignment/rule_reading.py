"""What a rule that was sent means: every problem told at once. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from forecourt import vocabulary
from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from forecourt.assignment.schema import AssignmentRuleIn, AssignmentRuleOut

Item = TypeVar("Item")

_NOT_HERE = "is not known at this dealership"


class RuleFields(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says, whether it is stored or only sent."""

    name: str
    location_ids: list[int]
    categories: list[str]
    sources: list[str]
    user_ids: list[int]
    enabled: bool


_NOTHING = RuleFields(name="", location_ids=[], categories=[], sources=[], user_ids=[], enabled=True)


def fields_of(rule: AssignmentRuleOut) -> RuleFields:
    """What a stored *rule* says."""
    return RuleFields(**{name: getattr(rule, name) for name in RuleFields.__struct_fields__})


def read_rule(
    sent: AssignmentRuleIn, before: RuleFields | None, field: str
) -> tuple[RuleFields, list[Problem]]:
    """The rule that *sent* makes of *before*, and what is wrong with it.

    Args:
        sent: what is left out stays as it was, null empties a list.
        before: None where the rule is new: then it is in force unless it says otherwise.
        field: the rule's path in the body.
    """
    stored = before or _NOTHING
    name, problems = _name(sent.name, stored.name, f"{field}.name")
    categories, unknown = _words(
        vocabulary.CATEGORY, _list(sent.categories, stored.categories), f"{field}.categories"
    )
    problems += unknown
    sources, unknown = _words(vocabulary.SOURCE, _list(sent.sources, stored.sources), f"{field}.sources")
    problems += unknown
    user_ids = sorted(set(_list(sent.user_ids, stored.user_ids)))
    if not user_ids:
        said = "is missing" if sent.user_ids is UNSET else "must name at least one user"
        problems.append(Problem(f"{field}.user_ids", said))
    if sent.enabled is None:
        problems.append(Problem(f"{field}.enabled", "must be true or false"))
    fields = RuleFields(
        name=name,
        location_ids=list(dict.fromkeys(_list(sent.location_ids, stored.location_ids))),
        categories=categories,
        sources=sources,
        user_ids=user_ids,
        enabled=sent.enabled if isinstance(sent.enabled, bool) else stored.enabled,
    )
    return fields, problems


def _words(words: vocabulary.Vocabulary, sent: Sequence[str], field: str) -> tuple[list[str], list[Problem]]:
    """The words that *sent* means, each once, and a problem for each that means none."""
    found = [words.canonical(word) for word in sent]
    problems = [
        Problem(f"{field}[{index}]", "is not one of the allowed values", words.values)
        for index, word in enumerate(found)
        if word is None
    ]
    return list(dict.fromkeys(word for word in found if word is not None)), problems


def _name(sent: str | UnsetType | None, before: str, field: str) -> tuple[str, list[Problem]]:
    if isinstance(sent, UnsetType):
        return before, [] if before else [Problem(field, "is missing")]
    name = (sent or "").strip()
    if not name:
        return "", [Problem(field, "must not be empty")]
    if not name.isprintable():
        return "", [Problem(field, "must be one line without control characters")]
    return name, []


def _list(sent: list[Item] | UnsetType | None, before: list[Item]) -> list[Item]:
    if isinstance(sent, UnsetType):
        return before
    return sent or []


def foreign(field: str, name: str, sent: Sequence[int], unknown: Iterable[int]) -> list[Problem]:
    """A problem for each of the ids *sent* under *name* that is *unknown*."""
    return [Problem(f"{field}.{name}", f"{id_} {_NOT_HERE}") for id_ in sent if id_ in set(unknown)]
