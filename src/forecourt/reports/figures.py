"""The figures of a report, and what each of them means: one text for the pages, the reference and the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Meaning(msgspec.Struct, frozen=True):
    """What a figure is called, and what it says."""

    name: str
    text: str


# In the order in which they are shown.
MEANINGS: dict[str, Meaning] = {
    "enquiries": Meaning(
        "Enquiries",
        "Leads that came in the period. By source, category and hour each counts under its own; by location and person "
        "under its customer's.",
    ),
    "customers": Meaning(
        "Customers",
        "Lead clusters with an enquiry in the period. By source, category and hour a customer counts once, under their "
        "first enquiry in it; so do all figures that follow.",
    ),
    "in_target_share": Meaning(
        "Answered in target",
        "Of the customers who were answered, or should have been by now, the share that was answered within the target of "
        "their first enquiry in the period, in opening hours. Left out: whoever is still in time, and whoever was found "
        "invalid or converted without an answer that anybody logged.",
    ),
    "in_target": Meaning("In target", "Customers whom a human answered within the target."),
    "out_of_target": Meaning(
        "Out of target", "Customers who were answered later than that, or not at all though the target has passed."
    ),
    "answered": Meaning(
        "Answered",
        "Customers towards whom a human has turned since their first enquiry in the period: a call, reached or not; a "
        "message, an e-mail, a visit; an appointment; a state set by hand. Automatic replies do not count.",
    ),
    "median_business_seconds": Meaning(
        "Median response",
        "From a customer's first enquiry in the period to the first human act towards them, in the opening hours of their "
        "location; half of those who were answered waited longer.",
    ),
    "p90_business_seconds": Meaning(
        "90 % within", "The same; one in ten of those who were answered waited longer."
    ),
    "waiting": Meaning("Still waiting", "Customers of the period who wait for an answer now."),
    "appointments": Meaning(
        "Appointments",
        "Customers with an appointment or a test drive that was made since that enquiry and not cancelled.",
    ),
    "kept": Meaning("Kept", "Customers who came to one of these."),
    "no_shows": Meaning("No-shows", "Customers who did not come to one of these."),
    "converted": Meaning("Converted", "Customers of the period who are converted by now."),
    "lost": Meaning("Lost", "Customers of the period who are lost by now."),
    "invalid": Meaning("Invalid", "Customers of the period who were found to be none."),
    "merged": Meaning("Duplicates merged", "Customers of the period into whom another one was merged."),
    "median_seconds": Meaning("Median by the wall", "The median, nights and closed days included."),
    "p90_seconds": Meaning("90 % by the wall", "The time that one in ten exceeded, nights and closed days included."),
}  # fmt: skip


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted of some customers.

    Attributes:
        enquiries: leads that came in the period.
        customers: lead clusters with an enquiry in the period; all that follows is about them.
        answered: towards how many a human has turned since their first enquiry in the period.
        in_target: how many of them within the target, in opening hours.
        out_of_target: how many later, or not at all though the target has passed.
        in_target_share: of both; null where there is neither.
        median_business_seconds: of those who were answered, in opening hours.
        p90_business_seconds: which one in ten exceeded.
        median_seconds: nights and closed days included.
        p90_seconds: likewise.
        waiting: how many wait for an answer now.
        appointments: how many have an appointment that was made since and not cancelled.
        kept: how many came.
        no_shows: how many did not come.
        merged: into how many another was merged.
    """

    enquiries: int = 0
    customers: int = 0
    answered: int = 0
    in_target: int = 0
    out_of_target: int = 0
    in_target_share: float | None = None
    median_business_seconds: int | None = None
    p90_business_seconds: int | None = None
    median_seconds: int | None = None
    p90_seconds: int | None = None
    waiting: int = 0
    appointments: int = 0
    kept: int = 0
    no_shows: int = 0
    converted: int = 0
    lost: int = 0
    invalid: int = 0
    merged: int = 0


def figures_of(row: Mapping[str, Any]) -> Figures:
    """The figures of a row that the database counted; of an enquiry's own source there may be no customers."""
    business, wall = _quantiles(row["business_seconds"]), _quantiles(row["seconds"])
    counted = {name: row[name] or 0 for name in _COUNTED}
    judged = counted["in_target"] + counted["out_of_target"]
    return Figures(
        **counted,
        in_target_share=round(counted["in_target"] / judged, 4) if judged else None,
        median_business_seconds=business[0],
        p90_business_seconds=business[1],
        median_seconds=wall[0],
        p90_seconds=wall[1],
    )


_COUNTED = tuple(
    name for name in Figures.__struct_fields__ if name != "in_target_share" and not name.endswith("seconds")
)


def _quantiles(values: Sequence[float | None] | None) -> tuple[int | None, int | None]:
    median, p90 = values or (None, None)
    return (None if median is None else round(median), None if p90 is None else round(p90))
