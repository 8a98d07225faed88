"""The handlers of the notifications' routes, and the routes as data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from forecourt.dealerships.desk import DryRunOut
from forecourt.dealerships.parameters import DEALERSHIP, IF_MATCH, WRITING
from forecourt.infra.conditional import entity_tag
from forecourt.infra.http import Answer
from forecourt.infra.routes import Parameter, Route
from forecourt.notifications import mail_settings, rule_desk, specimen, template_desk
from forecourt.notifications.rule_desk import MANAGE, READ
from forecourt.notifications.rule_schema import (
    MailSettingsIn,
    MailSettingsOut,
    NotificationRuleIn,
    NotificationRuleList,
    NotificationRuleOut,
    TriedRulesOut,
    TryRulesIn,
)
from forecourt.notifications.template_schema import (
    MessageTemplateIn,
    MessageTemplateList,
    MessageTemplateOut,
    PreviewIn,
    PreviewOut,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from forecourt.dealerships.desk import Desk
    from forecourt.dealerships.operation import Operation, Standing
    from forecourt.infra.database import Connection
    from forecourt.infra.http import Call, Handler
    from forecourt.messages.sender import Sender

    Read = TypeVar("Read", bound=msgspec.Struct)

_AT = "/api/v1/dealerships/{dealership}"
_TEMPLATES = f"{_AT}/message_templates"
_TEMPLATE = f"{_TEMPLATES}/{{template_id}}"
_RULES = f"{_AT}/notification_rules"
_RULE = f"{_RULES}/{{rule_id}}"
_TEMPLATE_ID = Parameter("template_id", "The template.", {"type": "integer", "minimum": 1}, "path")
_RULE_ID = Parameter("rule_id", "The rule.", {"type": "integer", "minimum": 1}, "path")

_NEW_TEMPLATE = """
Markdown with variables in Liquid, `{{ customer.first_name | default: "there" }}`; the list of templates tells which there are. A
variable that there is not, or anything else that cannot be read, is refused with its place.
"""
_NEW_RULE = """
Addresses and users who are told of new leads that fit, by mail, after the lead's `delay_dealership_notification_minutes` and
outside quiet hours; each address once, however many rules name it. A golden lead waits for no morning.
"""


class Notifications:
    """Serves templates, notification rules and mail settings."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        """The routes at *desk*; mail is written as *sender*."""
        self._desk = desk
        self._sender = sender

    def _writes(self, operation: Operation[Any, Any]) -> Handler:
        return partial(self._desk.write, operation=operation)

    def _reads(self, find: Callable[[Connection, Standing, Call], Awaitable[Read]]) -> Handler:
        async def handler(call: Call) -> Answer:
            call.query(())
            found = await self._desk.read(call, READ, lambda at, standing: find(at, standing, call))
            version = getattr(found, "version", None)
            headers = () if version is None else ((b"etag", entity_tag(version).encode()),)
            return Answer(200, msgspec.json.encode(found), headers=headers)

        return handler

    async def _templates(self, connection: Connection, standing: Standing, _: Call) -> MessageTemplateList:
        return await template_desk.templates(connection, standing.dealership.id)

    async def _template(self, connection: Connection, standing: Standing, call: Call) -> MessageTemplateOut:
        return await template_desk.the_template(connection, standing.dealership.id, call.path)

    async def _rules(self, connection: Connection, standing: Standing, _: Call) -> NotificationRuleList:
        return NotificationRuleList(await rule_desk.rules(connection, standing.dealership.id))

    async def _rule(self, connection: Connection, standing: Standing, call: Call) -> NotificationRuleOut:
        return await rule_desk.the_rule(connection, standing.dealership.id, call.path)

    async def _mail_settings(self, connection: Connection, standing: Standing, _: Call) -> MailSettingsOut:
        return await mail_settings.mail_settings(self._sender, connection, standing.dealership.id)

    def routes(self) -> list[Route]:
        """This room's routes; the fixed before the variable."""
        return [*self._of_templates(), *self._of_rules(), *self._of_settings()]

    def _of_templates(self) -> list[Route]:
        return [
            Route(
                "GET", _TEMPLATES, self._reads(self._templates), "list_message_templates", "List Message Templates",
                "With the built-in ones, and everything that a template can ask for.", permission=READ,
                parameters=(DEALERSHIP,), answers={200: (MessageTemplateList,)},
            ),
            Route(
                "POST", _TEMPLATES, self._writes(template_desk.ADD), "create_message_template",
                "Create Message Template", _NEW_TEMPLATE, permission=MANAGE, parameters=(DEALERSHIP, *WRITING),
                body=MessageTemplateIn, answers={200: (DryRunOut,), 201: (MessageTemplateOut,)},
            ),
            Route(
                "POST", f"{_TEMPLATES}/preview", self._writes(template_desk.preview_operation(self._sender)),
                "preview_message_template", "Preview a Message Template",
                "What a template comes to for an example, or for a lead (with `read:lead` too), and what is missing. Writes "
                "nothing.",
                permission=READ, parameters=(DEALERSHIP,), body=PreviewIn, answers={200: (PreviewOut,)},
            ),
            Route(
                "POST", f"{_TEMPLATES}/test", self._writes(specimen.operation(self._sender)), "test_message_template",
                "Test a Message Template", "Sends what a template comes to for an example to a user of the dealership.",
                permission=MANAGE, parameters=(DEALERSHIP, *WRITING), body=specimen.SpecimenIn,
                answers={200: (DryRunOut,), 201: (specimen.SpecimenOut,)},
            ),
            Route(
                "GET", _TEMPLATE, self._reads(self._template), "get_message_template", "Get Message Template",
                permission=READ, parameters=(DEALERSHIP, _TEMPLATE_ID), answers={200: (MessageTemplateOut,)},
            ),
            Route(
                "PUT", _TEMPLATE, self._writes(template_desk.CHANGE), "update_message_template",
                "Update Message Template", "What is left out stays; null clears.", permission=MANAGE,
                parameters=(DEALERSHIP, _TEMPLATE_ID, *WRITING, IF_MATCH), body=MessageTemplateIn,
                answers={200: (MessageTemplateOut, DryRunOut)},
            ),
            Route(
                "DELETE", _TEMPLATE, self._writes(template_desk.REMOVE), "delete_message_template",
                "Delete Message Template", "Answers with the template as it was; the next less specific one counts then.",
                permission=MANAGE, parameters=(DEALERSHIP, _TEMPLATE_ID, *WRITING, IF_MATCH),
                answers={200: (MessageTemplateOut, DryRunOut)},
            ),
        ]  # fmt: skip

    def _of_rules(self) -> list[Route]:
        return [
            Route(
                "GET", _RULES, self._reads(self._rules), "list_notification_rules", "List Notification Rules",
                permission=READ, parameters=(DEALERSHIP,), answers={200: (NotificationRuleList,)},
            ),
            Route(
                "POST", _RULES, self._writes(rule_desk.ADD), "create_notification_rule", "Create Notification Rule",
                _NEW_RULE, permission=MANAGE, parameters=(DEALERSHIP, *WRITING), body=NotificationRuleIn,
                answers={200: (DryRunOut,), 201: (NotificationRuleOut,)},
            ),
            Route(
                "POST", f"{_RULES}/dry_run", self._writes(rule_desk.TRY_OUT), "try_notification_rules",
                "Try Notification Rules",
                "Who would be told of the last 100 leads, or of one, had they come now. Writes nothing.",
                permission=READ, parameters=(DEALERSHIP,), body=TryRulesIn, body_is_optional=True,
                answers={200: (TriedRulesOut,)},
            ),
            Route(
                "GET", _RULE, self._reads(self._rule), "get_notification_rule", "Get Notification Rule",
                permission=READ, parameters=(DEALERSHIP, _RULE_ID), answers={200: (NotificationRuleOut,)},
            ),
            Route(
                "PUT", _RULE, self._writes(rule_desk.CHANGE), "update_notification_rule", "Update Notification Rule",
                "What is left out stays; null clears. What waits is held against the rules again when it goes out.",
                permission=MANAGE, parameters=(DEALERSHIP, _RULE_ID, *WRITING, IF_MATCH), body=NotificationRuleIn,
                answers={200: (NotificationRuleOut, DryRunOut)},
            ),
            Route(
                "DELETE", _RULE, self._writes(rule_desk.REMOVE), "delete_notification_rule", "Delete Notification Rule",
                "Answers with the rule as it was.", permission=MANAGE,
                parameters=(DEALERSHIP, _RULE_ID, *WRITING, IF_MATCH), answers={200: (NotificationRuleOut, DryRunOut)},
            ),
        ]  # fmt: skip

    def _of_settings(self) -> list[Route]:
        return [
            Route(
                "GET", f"{_AT}/mail_settings", self._reads(self._mail_settings), "get_mail_settings",
                "Get the Mail Settings", permission=READ, parameters=(DEALERSHIP,), answers={200: (MailSettingsOut,)},
            ),
            Route(
                "PUT", f"{_AT}/mail_settings", self._writes(mail_settings.operation(self._sender)),
                "update_mail_settings", "Change the Mail Settings", "What is left out stays; null clears.",
                permission=MANAGE, parameters=(DEALERSHIP, *WRITING), body=MailSettingsIn, body_is_optional=True,
                answers={200: (MailSettingsOut, DryRunOut)},
            ),
        ]  # fmt: skip
