"""The clusters' routes as data: what is served, what the reference tells, what the access matrix tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.clusters import own, settings
from forecourt.clusters.answers import LeadClusterOut, LeadClusterPage, PossibleDuplicatesOut
from forecourt.clusters.find import PERMISSION as READ
from forecourt.clusters.find import ClusterEventPage
from forecourt.clusters.halves import MergeIn
from forecourt.clusters.listing import SORTS
from forecourt.clusters.schema import LeadClusterBody
from forecourt.clusters.snooze import SnoozeIn
from forecourt.clusters.split import SplitIn
from forecourt.clusters.update import PERMISSION as UPDATE
from forecourt.clusters.vocabulary import STATES
from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import CURSOR, DEALERSHIP, IF_MATCH, IF_NONE_MATCH, LIMIT, WRITING
from forecourt.infra.routes import Parameter, Route

if TYPE_CHECKING:
    from forecourt.clusters.api import LeadClusters

_AT = "/api/v1/dealerships/{dealership}"
_CLUSTER = f"{_AT}/lead_clusters/{{id}}"

CLUSTER_ID = Parameter("id", "The lead cluster.", {"type": "integer", "minimum": 1}, "path")
_TIME = {"type": "string", "format": "date-time"}
_YES_NO = {"type": "boolean"}
_INTEGER = {"type": "integer"}
_TEXT = {"type": "string"}
FILTERS = (
    Parameter(
        "q",
        "Search: the beginning of a name, an e-mail address or a stock number; a phone number in any spelling or its "
        "last four digits. Goes with `limit` only.",
        _TEXT,
    ),
    Parameter("lead_state", "", {"type": "string", "enum": list(STATES)}),
    Parameter("user_id", "Assigned to this user.", _INTEGER),
    Parameter("secondary_user_id", "", _INTEGER),
    Parameter("unassigned", "Whether nobody is assigned.", _YES_NO),
    Parameter("golden", "", _YES_NO),
    Parameter("waiting", "Whether the customer waits for a human.", _YES_NO),
    Parameter("waiting_since_before", "Waits since before then.", _TIME),
    Parameter(
        "overdue",
        "Waits for longer than the dealership allows, in opening hours.",
        {"type": "boolean", "enum": [True]},
    ),
    Parameter("possible_duplicates", "Has undecided ones.", {"type": "boolean", "enum": [True]}),
    Parameter("location_id", "", _INTEGER),
    Parameter("tag", "", _TEXT),
    Parameter("category", "Has a lead of this category; likewise the next three.", _TEXT),
    Parameter("source", "", _TEXT),
    Parameter("provider", "", _TEXT),
    Parameter("provider_id", "", _TEXT),
    Parameter("email", "Has been reached by it, in any spelling.", _TEXT),
    Parameter("phone", "Has been reached by it, in any spelling.", _TEXT),
    Parameter("created_from", "The latest lead was created then or later.", _TIME),
    Parameter("created_to", "The latest lead was created before.", _TIME),
    Parameter("updated_from", "", _TIME),
    Parameter("updated_to", "", _TIME),
    Parameter(
        "sort", "By `waiting_since`, only clusters that wait.", {"type": "string", "enum": list(SORTS)}
    ),
    LIMIT,
    CURSOR,
)

_UPDATE = """
A field that is left out keeps its value. A blank or null `user_id` never unassigns. `tags` and `car_ids` are replaced
as a whole; `car_lead_clusters_attributes` adds, changes by `id` and takes off with `_destroy`. What is set here was set
by hand: a later push of the older value does not overwrite it. An update of a merged cluster goes to the survivor.
"""
_MERGE = """
The cluster in the path survives and takes the other's leads, contact points, tags, cars and appointments. `fields`
names the cluster whose value is taken, field by field; of the rest, the newest that is not empty. The other's id keeps
answering: it leads on to the survivor. Taken back by `unmerge`, for 30 days.
"""


def routes(clusters: LeadClusters) -> list[Route]:
    """This room's routes; the fixed before the variable."""
    return [*_reading(clusters), *_writing(clusters), *_settings(clusters)]


def _reading(clusters: LeadClusters) -> list[Route]:
    return [
        Route(
            "GET", f"{_AT}/lead_clusters", clusters.get_clusters, "list_lead_clusters", "List Lead Clusters",
            "The dealership's clusters, the latest enquiry first, a page at a time.",
            permission=READ, parameters=(DEALERSHIP, *FILTERS), answers={200: (LeadClusterPage,)},
        ),
        Route(
            "GET", _CLUSTER, clusters.get_cluster, "get_lead_cluster", "Get Lead Cluster",
            "With every enquiry and why it is here. A merged cluster answers 308, with the survivor's address.",
            permission=READ, parameters=(DEALERSHIP, CLUSTER_ID, IF_NONE_MATCH),
            answers={200: (LeadClusterOut,), 308: (LeadClusterOut,)},
        ),
        Route(
            "GET", f"{_CLUSTER}/events", clusters.get_events, "list_lead_cluster_events", "List a Lead Cluster's Events",
            "Its history, newest first: what changed, when, by whom, its leads' changes included.",
            permission=READ, parameters=(DEALERSHIP, CLUSTER_ID, LIMIT, CURSOR), answers={200: (ClusterEventPage,)},
        ),
        Route(
            "GET", f"{_CLUSTER}/possible_duplicates", clusters.get_possible_duplicates, "list_possible_duplicates",
            "List Possible Duplicates", "Other clusters that may be the same customer, with the reasons.",
            permission=READ, parameters=(DEALERSHIP, CLUSTER_ID), answers={200: (PossibleDuplicatesOut,)},
        ),
    ]  # fmt: skip


def _writing(clusters: LeadClusters) -> list[Route]:
    return [
        Route(
            "PUT", _CLUSTER, clusters.put_cluster, "update_lead_cluster", "Update Lead Cluster", _UPDATE,
            permission=UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING, IF_MATCH), body=LeadClusterBody,
            answers={200: (LeadClusterOut, DryRunOut)},
        ),
        Route(
            "POST", f"{_CLUSTER}/merge", clusters.post_merge, "merge_lead_clusters", "Merge Lead Clusters", _MERGE,
            permission=UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=MergeIn,
            answers={200: (LeadClusterOut, DryRunOut)},
        ),
        Route(
            "POST", f"{_CLUSTER}/unmerge", clusters.post_unmerge, "unmerge_lead_clusters", "Take a Merge Back",
            "Everything as it was before the merge; what came since stays where it belongs.",
            permission=UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=MergeIn,
            answers={200: (LeadClusterOut, DryRunOut)},
        ),
        Route(
            "POST", f"{_CLUSTER}/split", clusters.post_split, "split_lead_cluster", "Split a Lead Cluster",
            "The chosen leads begin a cluster of their own, which is answered.",
            permission=UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=SplitIn,
            answers={200: (DryRunOut,), 201: (LeadClusterOut,)},
        ),
        Route(
            "POST", f"{_CLUSTER}/not_a_duplicate", clusters.post_not_a_duplicate, "dismiss_possible_duplicate",
            "Not a Duplicate", "The two are different customers; remembered, whatever matches later.",
            permission=UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=MergeIn,
            answers={200: (PossibleDuplicatesOut, DryRunOut)},
        ),
        Route(
            "POST", f"{_CLUSTER}/unassign", clusters.post_unassign, "unassign_lead_cluster",
            "Unassign a Lead Cluster", "Nobody answers for it any more. Update Lead Cluster never does this.",
            permission=UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING, IF_MATCH),
            answers={200: (LeadClusterOut, DryRunOut)},
        ),
        Route(
            "POST", f"{_CLUSTER}/snooze", clusters.post_snooze, "snooze_lead_cluster", "Snooze a Lead Cluster",
            "Out of the list of those who wait until then; the response clock runs on. Null brings it back.",
            permission=UPDATE, parameters=(DEALERSHIP, CLUSTER_ID, *WRITING), body=SnoozeIn,
            answers={200: (LeadClusterOut, DryRunOut)},
        ),
    ]  # fmt: skip


def _settings(clusters: LeadClusters) -> list[Route]:
    option_id = Parameter("option_id", "The status option.", {"type": "integer", "minimum": 1}, "path")
    kind = Parameter("kind", "", {"type": "string", "enum": ["email", "phone"]}, "path")
    value = Parameter("value", "As the list has it.", _TEXT, "path")
    return [
        Route(
            "GET", f"{_AT}/stop_list", clusters.get_stop_list, "list_stop_list", "List the Stop List",
            "Values by which no customer is recognised: placeholders, shared numbers.",
            permission=settings.READ, parameters=(DEALERSHIP,), answers={200: (settings.StopListOut,)},
        ),
        Route(
            "POST", f"{_AT}/stop_list", clusters.post_stop_list, "add_to_stop_list", "Put a Value on the Stop List",
            permission=settings.MANAGE, parameters=(DEALERSHIP, *WRITING), body=settings.StopListEntryBody,
            answers={200: (DryRunOut,), 201: (settings.StopListEntryOut,)},
        ),
        Route(
            "DELETE", f"{_AT}/stop_list/{{kind}}/{{value}}", clusters.delete_stop_list, "remove_from_stop_list",
            "Take a Value off the Stop List", permission=settings.MANAGE,
            parameters=(DEALERSHIP, kind, value, *WRITING), answers={200: (settings.StopListOut, DryRunOut)},
        ),
        Route(
            "GET", f"{_AT}/lead_status_options", clusters.get_status_options, "list_lead_status_options",
            "List the Status Options", "The dealership's own words under each state; those under lost are the reasons.",
            permission=settings.READ, parameters=(DEALERSHIP,), answers={200: (settings.StatusOptionsOut,)},
        ),
        Route(
            "POST", f"{_AT}/lead_status_options", clusters.post_status_option, "add_lead_status_option",
            "Add a Status Option", permission=settings.MANAGE, parameters=(DEALERSHIP, *WRITING),
            body=settings.StatusOptionBody, answers={200: (DryRunOut,), 201: (settings.LeadStatusOptionOut,)},
        ),
        Route(
            "PUT", f"{_AT}/lead_status_options/{{option_id}}", clusters.put_status_option,
            "update_lead_status_option", "Change a Status Option", permission=settings.MANAGE,
            parameters=(DEALERSHIP, option_id, *WRITING), body=settings.StatusOptionBody,
            answers={200: (settings.LeadStatusOptionOut, DryRunOut)},
        ),
        Route(
            "GET", f"{_AT}/lead_cluster_settings", clusters.get_settings, "get_lead_cluster_settings",
            "Get the Lead Cluster Settings", "The dealership's own numbers and addresses, by which no customer is "
            "recognised, and for how long a closed cluster takes new leads.", permission=own.READ,
            parameters=(DEALERSHIP,), answers={200: (own.LeadClusterSettingsOut,)},
        ),
        Route(
            "PUT", f"{_AT}/lead_cluster_settings", clusters.put_settings, "update_lead_cluster_settings",
            "Change the Lead Cluster Settings", "What is left out stays; null clears.", permission=own.MANAGE,
            parameters=(DEALERSHIP, *WRITING), body=own.LeadClusterSettingsBody,
            answers={200: (own.LeadClusterSettingsOut, DryRunOut)},
        ),
    ]  # fmt: skip
