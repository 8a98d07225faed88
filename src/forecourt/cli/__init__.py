"""The command line: ``forecourt``.

Exit codes: 0 done; 1 refused or failed, with the reason in one line on stderr; 2 the command was not written
right; 3 done in part (``load`` with rows that did not fit, ``adf check`` of what is not quite right); 130 interrupted.
"""

from __future__ import annotations

import sys

from cyclopts import App, CycloptsError

from forecourt import __version__
from forecourt.cli import (
    adf_commands,
    commands,
    contact_commands,
    dealership_commands,
    export_commands,
    key_commands,
    outbox_commands,
    user_commands,
    webhook_commands,
)
from forecourt.cli.output import BAD_USAGE, INTERRUPTED, REFUSED, complain
from forecourt.infra.embedded import EmbeddedRefused
from forecourt.infra.refusals import Refusal
from forecourt.settings import BadSetting, unknown_variables

_EPILOGUE = "Exit codes: 0 done · 1 refused or failed · 2 bad usage · 3 done in part · 130 interrupted"


def _app() -> App:
    app = App(
        name="forecourt",
        help="An open server for car dealerships' sales leads.",
        help_epilogue=_EPILOGUE,
        version=__version__,
        help_format="markdown",
    )
    keys = App(name="keys", help="API keys: create, list, revoke.", help_epilogue=_EPILOGUE)
    dealerships = App(name="dealerships", help="Dealerships: create, list.", help_epilogue=_EPILOGUE)
    users = App(name="users", help="Users: create, list, disable, let in.", help_epilogue=_EPILOGUE)
    contacts = App(name="contacts", help="People: find, export, erase.", help_epilogue=_EPILOGUE)
    export = App(name="export", help="Lists as CSV or XLSX: leads, lead clusters.", help_epilogue=_EPILOGUE)
    outbox = App(name="outbox", help="What was written to people: list, show.", help_epilogue=_EPILOGUE)
    adf = App(name="adf", help="ADF documents: check.", help_epilogue=_EPILOGUE)
    webhooks = App(name="webhooks", help="Webhooks: list, deliveries, redeliver.", help_epilogue=_EPILOGUE)
    database = App(name="database", help="The database: where it is.", help_epilogue=_EPILOGUE)
    for group in (keys, dealerships, users, contacts, webhooks, export, outbox, adf, database):
        app.command(group)
    app.command(commands.serve)
    app.command(commands.worker)
    app.command(commands.demo)
    app.command(commands.migrate)
    app.command(commands.load)
    app.command(webhook_commands.listen)
    app.command(webhook_commands.trigger)
    app.command(commands.openapi)
    app.command(commands.settings)
    keys.command(key_commands.keys_create, name="create")
    keys.command(key_commands.keys_list, name="list")
    keys.command(key_commands.keys_revoke, name="revoke")
    dealerships.command(dealership_commands.dealerships_create, name="create")
    dealerships.command(dealership_commands.dealerships_list, name="list")
    users.command(user_commands.users_create, name="create")
    users.command(user_commands.users_list, name="list")
    users.command(user_commands.users_disable, name="disable")
    users.command(user_commands.users_reset_password, name="reset-password")
    users.command(user_commands.users_link, name="link")
    contacts.command(contact_commands.contacts_find, name="find")
    contacts.command(contact_commands.contacts_export, name="export")
    contacts.command(contact_commands.contacts_erase, name="erase")
    export.command(export_commands.export_leads, name="leads")
    export.command(export_commands.export_lead_clusters, name="lead_clusters")
    outbox.command(outbox_commands.outbox_list, name="list")
    outbox.command(outbox_commands.outbox_show, name="show")
    adf.command(adf_commands.adf_check, name="check")
    webhooks.command(webhook_commands.webhooks_list, name="list")
    webhooks.command(webhook_commands.webhooks_deliveries, name="deliveries")
    webhooks.command(webhook_commands.webhooks_redeliver, name="redeliver")
    database.command(commands.database_url, name="url")
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
