"""Which rule fits an enquiry. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

# The states in which a cluster waits for somebody to do something.
OPEN_STATES = ("new", "contacted", "appointment")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A dealership's rule: enquiries that fit are given to one of its users.

    Attributes:
        location_ids: empty for any location, and for enquiries without one.
        categories: empty for any.
        sources: empty for any.
    """

    id: int
    name: str
    location_ids: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Enquiry(msgspec.Struct, frozen=True, kw_only=True):
    """What of a lead the rules look at."""

    location_id: int | None
    category: str
    source: str


def fits(rule: Rule, enquiry: Enquiry) -> bool:
    """Whether *enquiry* is in every list of *rule* that is not empty."""
    return (
        (not rule.location_ids or enquiry.location_id in rule.location_ids)
        and (not rule.categories or enquiry.category in rule.categories)
        and (not rule.sources or enquiry.source in rule.sources)
    )


def fitting_rule(rules: Iterable[Rule], enquiry: Enquiry) -> Rule | None:
    """The most specific of the *rules* that fit; None where none does.

    The more lists a rule has, the more specific it is. Of two with as many, a location counts before a category, and
    a category before a source; what is left is decided by the lower id.
    """
    return min((rule for rule in rules if fits(rule, enquiry)), key=_rank, default=None)


def _rank(rule: Rule) -> tuple[int, bool, bool, bool, int]:
    anywhere, any_category, any_source = not rule.location_ids, not rule.categories, not rule.sources
    return (anywhere + any_category + any_source, anywhere, any_category, any_source, rule.id)
