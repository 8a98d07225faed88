"""The clusters' routes: decode, one use case, encode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.clusters import (
    duplicates,
    filters,
    find,
    merge,
    own,
    settings,
    snooze,
    split,
    unassign,
    unmerge,
    update,
)
from forecourt.clusters.refusals import LeadClusterNotFound
from forecourt.dealerships.desk import id_in
from forecourt.ids import LeadClusterId
from forecourt.infra.conditional import entity_tag, entity_tags, matches_weakly
from forecourt.infra.http import Answer

if TYPE_CHECKING:
    from forecourt.clusters.answers import LeadClusterOut, LeadClusterPage, PossibleDuplicatesOut
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call


class LeadClusters:
    """The handlers of the clusters' routes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def put_cluster(self, call: Call) -> Answer:
        """Update Lead Cluster."""
        return await self._desk.write(call, update.OPERATION)

    async def get_cluster(self, call: Call) -> Answer:
        """Get Lead Cluster; a merged one leads on to the survivor."""

        async def found(connection: Connection, standing: Standing) -> tuple[LeadClusterId, LeadClusterOut]:
            call.query(())
            asked = _asked(call)
            survivor = await find.survivor(connection, standing, asked)
            return asked, await find.one(connection, standing.dealership.id, survivor)

        asked, cluster = await self._desk.read(call, find.PERMISSION, found)
        body = msgspec.json.encode(cluster)
        if cluster.id != asked:
            at = f"/api/v1/dealerships/{cluster.dealership_slug}/lead_clusters/{cluster.id}"
            return Answer(308, body, headers=((b"location", at.encode()),))
        headers = ((b"etag", entity_tag(cluster.version, body).encode()),)
        unless = entity_tags(call.headers.get("if-none-match"))
        if unless is not None and matches_weakly(unless, cluster.version, body):
            return Answer(304, b"", headers=headers)
        return Answer(200, body, headers=headers)

    async def get_clusters(self, call: Call) -> Answer:
        """List Lead Clusters."""

        async def found(connection: Connection, standing: Standing) -> LeadClusterPage:
            return await find.page(connection, standing, call.query(filters.PARAMETERS))

        return _answer(await self._desk.read(call, find.PERMISSION, found))

    async def get_events(self, call: Call) -> Answer:
        """List a Lead Cluster's Events."""

        async def found(connection: Connection, standing: Standing) -> find.ClusterEventPage:
            return await find.events(connection, standing, _asked(call), call.query(("limit", "cursor")))

        return _answer(await self._desk.read(call, find.PERMISSION, found))

    async def get_possible_duplicates(self, call: Call) -> Answer:
        """List a Lead Cluster's Possible Duplicates."""
        call.query(())

        async def found(connection: Connection, standing: Standing) -> PossibleDuplicatesOut:
            cluster_id = await find.survivor(connection, standing, _asked(call))
            return await duplicates.possible_duplicates(connection, standing.dealership.id, cluster_id)

        return _answer(await self._desk.read(call, find.PERMISSION, found))

    async def post_merge(self, call: Call) -> Answer:
        """Merge Lead Clusters."""
        return await self._desk.write(call, merge.MERGE)

    async def post_unmerge(self, call: Call) -> Answer:
        """Take a Merge Back."""
        return await self._desk.write(call, unmerge.UNMERGE)

    async def post_split(self, call: Call) -> Answer:
        """Split a Lead Cluster."""
        return await self._desk.write(call, split.OPERATION)

    async def post_not_a_duplicate(self, call: Call) -> Answer:
        """Remember that two clusters are different customers."""
        return await self._desk.write(call, duplicates.OPERATION)

    async def post_unassign(self, call: Call) -> Answer:
        """Take a Lead Cluster from whoever answers for it."""
        return await self._desk.write(call, unassign.OPERATION)

    async def post_snooze(self, call: Call) -> Answer:
        """Put a Lead Cluster off."""
        return await self._desk.write(call, snooze.OPERATION)

    async def get_stop_list(self, call: Call) -> Answer:
        """List the Stop List."""
        call.query(())
        return _answer(await self._desk.read(call, settings.READ, settings.stop_list))

    async def post_stop_list(self, call: Call) -> Answer:
        """Put a Value on the Stop List."""
        return await self._desk.write(call, settings.STOP_OPERATION)

    async def delete_stop_list(self, call: Call) -> Answer:
        """Take a Value off the Stop List."""
        return await self._desk.write(call, settings.UNSTOP_OPERATION)

    async def get_status_options(self, call: Call) -> Answer:
        """List the Status Options."""
        call.query(())
        return _answer(await self._desk.read(call, settings.READ, settings.status_options))

    async def post_status_option(self, call: Call) -> Answer:
        """Add a Status Option."""
        return await self._desk.write(call, settings.ADD_STATUS_OPTION_OPERATION)

    async def put_status_option(self, call: Call) -> Answer:
        """Change a Status Option."""
        return await self._desk.write(call, settings.CHANGE_STATUS_OPTION_OPERATION)

    async def get_settings(self, call: Call) -> Answer:
        """Get the Lead Cluster Settings."""
        call.query(())
        return _answer(await self._desk.read(call, own.READ, own.settings))

    async def put_settings(self, call: Call) -> Answer:
        """Change the Lead Cluster Settings."""
        return await self._desk.write(call, own.OPERATION)


def _asked(call: Call) -> LeadClusterId:
    return LeadClusterId(id_in(call.path, "id", LeadClusterNotFound))


def _answer(body: msgspec.Struct) -> Answer:
    return Answer(200, msgspec.json.encode(body))
