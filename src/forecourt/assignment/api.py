"""The handlers of the assignment's routes, and the routes as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from forecourt.assignment import rule_desk
from forecourt.assignment.rule_desk import MANAGE, READ, all_rules, the_rule
from forecourt.assignment.schema import (
    AssignmentRuleBody,
    AssignmentRuleList,
    AssignmentRuleOut,
    DrainOut,
    StaffList,
    StaffMemberBody,
    StaffMemberOut,
    TriedOut,
    TryIn,
)
from forecourt.assignment.staff_desk import CHANGE_MEMBER, DRAIN, whole_staff
from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import DEALERSHIP, IF_MATCH, WRITING
from forecourt.infra.conditional import entity_tag
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route

if TYPE_CHECKING:
    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call

_HERE = "/api/v1/dealerships/{dealership}"
_RULES = f"{_HERE}/assignment_rules"

_RULE_ID = Parameter("rule_id", "The rule.", {"type": "integer", "minimum": 1}, "path")
_USER_ID = Parameter("user_id", "The user.", {"type": "integer", "minimum": 1}, "path")


class Assignment:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        """The routes at *desk*."""
        self._desk = desk

    async def get_rules(self, call: Call) -> Answer:
        """List Assignment Rules."""

        async def find(connection: Connection, standing: Standing) -> AssignmentRuleList:
            call.query(())
            return AssignmentRuleList(await all_rules(connection, standing.dealership.id))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, READ, find)))

    async def get_rule(self, call: Call) -> Answer:
        """Get Assignment Rule."""

        async def find(connection: Connection, standing: Standing) -> AssignmentRuleOut:
            rule = await the_rule(connection, standing.dealership.id, call.path)
            call.query(())
            return rule

        rule = await self._desk.read(call, READ, find)
        etag = (b"etag", entity_tag(rule.version).encode())
        return Answer(200, msgspec.json.encode(rule), headers=(etag,))

    async def post_rule(self, call: Call) -> Answer:
        """Create Assignment Rule."""
        return await self._desk.write(call, rule_desk.ADD)

    async def put_rule(self, call: Call) -> Answer:
        """Update Assignment Rule."""
        return await self._desk.write(call, rule_desk.CHANGE)

    async def delete_rule(self, call: Call) -> Answer:
        """Delete Assignment Rule."""
        return await self._desk.write(call, rule_desk.REMOVE)

    async def post_dry_run(self, call: Call) -> Answer:
        """Try Assignment Rules."""
        return await self._desk.write(call, rule_desk.TRY_OUT)

    async def get_staff(self, call: Call) -> Answer:
        """List Staff."""

        async def find(connection: Connection, standing: Standing) -> StaffList:
            call.query(())
            return StaffList(await whole_staff(connection, standing.dealership.id, standing.now))

        return Answer(200, msgspec.json.encode(await self._desk.read(call, READ, find)))

    async def put_staff_member(self, call: Call) -> Answer:
        """Update Staff Member."""
        return await self._desk.write(call, CHANGE_MEMBER)

    async def post_drain(self, call: Call) -> Answer:
        """Drain."""
        return await self._desk.write(call, DRAIN)

    def routes(self) -> list[Route]:
        """This room's routes; the fixed before the variable."""
        return [*self._of_all_rules(), *self._of_one_rule(), *self._of_the_staff()]

    def _of_all_rules(self) -> list[Route]:
        return [
            Route(
                "GET",
                _RULES,
                self.get_rules,
                "list_assignment_rules",
                "List Assignment Rules",
                permission=READ,
                parameters=(DEALERSHIP,),
                answers={200: (AssignmentRuleList,)},
            ),
            Route(
                "POST",
                _RULES,
                self.post_rule,
                "create_assignment_rule",
                "Create Assignment Rule",
                "New customers whose enquiry fits are given to its users in turn. Of several rules that fit, the most "
                "specific counts.",
                permission=MANAGE,
                parameters=(DEALERSHIP, *WRITING),
                body=AssignmentRuleBody,
                answers={200: (DryRunOut,), 201: (AssignmentRuleOut,)},
            ),
            Route(
                "POST",
                f"{_RULES}/dry_run",
                self.post_dry_run,
                "try_assignment_rules",
                "Try Assignment Rules",
                "Plays the last 100 leads through, as if they came now: with the rules in force, or with those that "
                "are sent. Writes nothing.",
                permission=READ,
                parameters=(DEALERSHIP,),
                body=TryIn,
                body_is_optional=True,
                answers={200: (TriedOut,)},
            ),
        ]

    def _of_one_rule(self) -> list[Route]:
        return [
            Route(
                "GET",
                f"{_RULES}/{{rule_id}}",
                self.get_rule,
                "get_assignment_rule",
                "Get Assignment Rule",
                permission=READ,
                parameters=(DEALERSHIP, _RULE_ID),
                answers={200: (AssignmentRuleOut,)},
            ),
            Route(
                "PUT",
                f"{_RULES}/{{rule_id}}",
                self.put_rule,
                "update_assignment_rule",
                "Update Assignment Rule",
                "What is left out stays; null empties a list.",
                permission=MANAGE,
                parameters=(DEALERSHIP, _RULE_ID, *WRITING, IF_MATCH),
                body=AssignmentRuleBody,
                answers={200: (AssignmentRuleOut, DryRunOut)},
            ),
            Route(
                "DELETE",
                f"{_RULES}/{{rule_id}}",
                self.delete_rule,
                "delete_assignment_rule",
                "Delete Assignment Rule",
                "Answers with the rule as it was. What it has given stays given.",
                permission=MANAGE,
                parameters=(DEALERSHIP, _RULE_ID, *WRITING, IF_MATCH),
                answers={200: (AssignmentRuleOut, DryRunOut)},
            ),
        ]

    def _of_the_staff(self) -> list[Route]:
        return [
            Route(
                "GET",
                f"{_HERE}/staff",
                self.get_staff,
                "list_staff",
                "List Staff",
                "Who is away, who has room, and when each had a turn.",
                permission=READ,
                parameters=(DEALERSHIP,),
                answers={200: (StaffList,)},
            ),
            Route(
                "PUT",
                f"{_HERE}/staff/{{user_id}}",
                self.put_staff_member,
                "update_staff_member",
                "Update Staff Member",
                "Whoever is back or has room then gets what has waited. What is left out stays, null clears.",
                permission=MANAGE,
                parameters=(DEALERSHIP, _USER_ID, *WRITING),
                body=StaffMemberBody,
                answers={200: (StaffMemberOut, DryRunOut)},
            ),
            Route(
                "POST",
                f"{_HERE}/assignment/drain",
                self.post_drain,
                "drain",
                "Drain",
                "Gives open clusters that nobody answers for to whoever is free, the longest waiting first.",
                permission=MANAGE,
                parameters=(DEALERSHIP, *WRITING),
                answers={200: (DrainOut, DryRunOut)},
            ),
        ]
