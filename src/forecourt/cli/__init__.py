"""The command line: ``forecourt``.

Exit codes: 0 done; 1 refused or failed, with the reason in one line on stderr; 2 the command was not written
right; 3 done in part (``load`` with rows that did not fit, ``adf check`` of what is not quite right); 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError

from forecourt import __version__
from forecourt.cli import (
    adf_commands,
    commands,
    contact_commands,
    dealership_commands,
    doctor_command,
    export_commands,
    key_commands,
    outbox_commands,
    request_commands,
    user_commands,
    webhook_commands,
)
from forecourt.cli.output import BAD_USAGE, INTERRUPTED, REFUSED, complain
from forecourt.infra.embedded import EmbeddedRefused
from forecourt.infra.refusals import Refusal
from forecourt.settings import BadSetting, unknown_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EPILOGUE = "Exit codes: 0 done · 1 refused or failed · 2 bad usage · 3 done in part · 130 interrupted"


# Group -> what it is about, and its commands.
_GROUPS: Mapping[str, tuple[str, Mapping[str, Callable[..., object]]]] = {
    "keys": (
        "API keys",
        {
            "create": key_commands.keys_create,
            "list": key_commands.keys_list,
            "revoke": key_commands.keys_revoke,
        },
    ),
    "dealerships": (
        "Dealerships",
        {
            "create": dealership_commands.dealerships_create,
            "list": dealership_commands.dealerships_list,
            "clear-test-data": dealership_commands.dealerships_clear_test_data,
        },
    ),
    "users": (
        "Users",
        {
            "create": user_commands.users_create,
            "list": user_commands.users_list,
            "disable": user_commands.users_disable,
            "reset-password": user_commands.users_reset_password,
            "link": user_commands.users_link,
        },
    ),
    "contacts": (
        "People",
        {
            "find": contact_commands.contacts_find,
            "export": contact_commands.contacts_export,
            "erase": contact_commands.contacts_erase,
        },
    ),
    "webhooks": (
        "Webhooks",
        {
            "list": webhook_commands.webhooks_list,
            "deliveries": webhook_commands.webhooks_deliveries,
            "redeliver": webhook_commands.webhooks_redeliver,
        },
    ),
    "requests": (
        "The request log",
        {"list": request_commands.requests_list, "show": request_commands.requests_show},
    ),
    "outbox": (
        "What was written to people",
        {"list": outbox_commands.outbox_list, "show": outbox_commands.outbox_show},
    ),
    "export": (
        "Lists as CSV or XLSX",
        {"leads": export_commands.export_leads, "lead_clusters": export_commands.export_lead_clusters},
    ),
    "adf": ("ADF documents", {"check": adf_commands.adf_check}),
    "database": ("The database", {"url": commands.database_url}),
}


def _app() -> App:
    app = App(
        name="forecourt",
        help="An open server for car dealerships' sales leads.",
        help_epilogue=_EPILOGUE,
        version=__version__,
        help_format="markdown",
    )
    for command in (
        commands.serve,
        commands.worker,
        commands.demo,
        commands.migrate,
        commands.load,
        doctor_command.doctor,
        webhook_commands.listen,
        webhook_commands.trigger,
        request_commands.replay,
        commands.openapi,
        commands.settings,
    ):
        app.command(command)
    for name, (about, members) in _GROUPS.items():
        group = App(name=name, help=f"{about}: {', '.join(members)}.", help_epilogue=_EPILOGUE)
        for member, does in members.items():
            group.command(does, name=member)
        app.command(group)
    return app


def main() -> None:
    """Run the command that the process was started with."""
    for name in unknown_variables():
        sys.stderr.write(f"forecourt: {name} is no setting; see forecourt settings\n")
    try:
        code = _app()(exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        code = complain(" ".join(str(error).split()), BAD_USAGE)
    except BadSetting as error:
        code = complain(str(error), BAD_USAGE)
    except Refusal as refusal:
        code = complain(refusal.detail or refusal.title, REFUSED)
    except EmbeddedRefused as refused:
        code = complain(str(refused), REFUSED)
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)
