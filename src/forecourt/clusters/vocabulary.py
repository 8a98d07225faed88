"""The words of clusters."""

from __future__ import annotations

from typing import Final, Literal, get_args

from forecourt.vocabulary import Vocabulary

# appointment is used only where a dealership switches it on.
State = Literal["new", "contacted", "appointment", "lost", "invalid", "converted"]
STATES: Final[tuple[State, ...]] = get_args(State)
STATE: Final = Vocabulary(STATES)
CLOSED: Final = frozenset({"lost", "invalid", "converted"})
# A new enquiry opens these again. What was found invalid stays so: whoever sends nonsense sends it twice.
REOPENED: Final = frozenset({"lost", "converted"})

# Staff who set one of these say that they have turned to the customer, by whatever way.
MARKED_BY_A_HUMAN: Final = frozenset({"contacted", "appointment"})

# Why a lead is in its cluster.
RULES: Final = (
    "new_customer",
    "same_contact_point",
    "earlier_cluster_closed",
    "merge",
    "unmerge",
    "split",
)
