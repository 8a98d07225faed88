"""The web process, put together."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from forecourt.access.api import Keys
from forecourt.access.hashing import Hasher
from forecourt.access.oidc import Provider
from forecourt.access.oidc_roles import roles_in
from forecourt.access.sources import proxies_in
from forecourt.activities.api import Activities
from forecourt.adf.api import Adf
from forecourt.adf.routes import routes as adf_routes
from forecourt.appointments.api import Appointments
from forecourt.assignment.api import Assignment
from forecourt.audit.api import Audit
from forecourt.clusters.api import LeadClusters
from forecourt.clusters.routes import routes as cluster_routes
from forecourt.dealerships.desk import Desk
from forecourt.deliveries.pace import USUAL
from forecourt.events.feed import Feed
from forecourt.events.signal import LogSignal
from forecourt.explanation.api import Explanation
from forecourt.exports.api import Exports
from forecourt.files.store import FileStore
from forecourt.health import Health
from forecourt.housekeeping import keep_house
from forecourt.infra.database import Database
from forecourt.infra.embedded import hold
from forecourt.infra.kept_up import kept_up
from forecourt.infra.logs import configure_logs
from forecourt.infra.processes import end_with_parent, told_of_end
from forecourt.infra.routes import Route, router
from forecourt.leads.api import Leads
from forecourt.leads.routes import routes as lead_routes
from forecourt.messages.api import Messages
from forecourt.messages.sender import Sender
from forecourt.notifications.api import Notifications
from forecourt.premises.api import Premises
from forecourt.privacy.api import Privacy
from forecourt.reference.api import Reference, document_of
from forecourt.reports.api import Reports
from forecourt.requests.api import Requests
from forecourt.requests.recording import Recorder
from forecourt.response.api import Response
from forecourt.screens.assets import Assets
from forecourt.screens.door import lost_page, screen_routes
from forecourt.screens.ended import EndedSessions
from forecourt.screens.live import Live
from forecourt.screens.presence import Presence
from forecourt.screens.rooms import all_screens
from forecourt.screens.shown import Shown
from forecourt.screens.visit import Building
from forecourt.settings import Settings, read_settings
from forecourt.test_data.api import TestData
from forecourt.undo.api import Undo
from forecourt.webhooks.api import Webhooks
from forecourt.webhooks.routes import routes as webhook_routes
from forecourt.worker import Worker, sender_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from starlette.routing import Router
    from starlette.types import ASGIApp

    from forecourt.deliveries.pace import Pace


# Between two collections of the youngest; Python's own is 700.
_YOUNG_OBJECTS = 20_000


def all_routes(
    database: Database,
    store: FileStore,
    sender: Sender | None = None,
    recorder: Recorder | None = None,
    *,
    private_webhooks: bool = False,
) -> list[Route]:
    """Every route of the server.

    Args:
        database: where everything is.
        store: the attached files.
        sender: as whom the server writes.
        recorder: is told of their answers.
        private_webhooks: allows webhooks to addresses that are not public.
    """
    sender = sender or Sender()
    desk = Desk(database, store.spool)
    routes = [
        # Before the leads', whose path would take an id that ends in .adf.
        *adf_routes(Adf(database, store, desk)),
        *lead_routes(Leads(database, store)),
        *cluster_routes(LeadClusters(desk)),
        *Activities(desk).routes(),
        *Appointments(desk).routes(),
        *Assignment(desk).routes(),
        *Response(desk).routes(),
        *Premises(desk).routes(),
        *Undo(desk).routes(),
        *TestData(desk).routes(),
        *Messages(desk, database, sender).routes(),
        *Notifications(desk, sender).routes(),
        *Explanation(database).routes(),
        *Privacy(desk, store).routes(),
        *Exports(database, store, desk).routes(),
        *Reports(desk).routes(),
        *Audit(desk).routes(),
        *webhook_routes(Webhooks(desk, private_too=private_webhooks)),
        *Requests(database, recorder or Recorder(database)).routes(),
        *Keys(database).routes(),
        *Health(database).routes(),
    ]
    return [*routes, *Reference(routes).routes()]


def build(settings: Settings, pace: Pace = USUAL) -> Router:
    """The application for *settings*; it opens the database when it starts, not before. *pace* is its worker's."""
    database = Database(connections=settings.database_connections)
    store = FileStore(settings.data_dir / "files")
    signal = LogSignal(database)
    feed, presence, assets = Feed(database, signal), Presence(database), Assets()
    ended = EndedSessions(database)
    live = Live(feed, presence, ended)
    recorder = Recorder(database)
    observers = (signal.note, recorder.note) if settings.request_log_days else (signal.note,)
    routes = all_routes(
        database, store, sender_of(settings), recorder, private_webhooks=settings.allow_private_webhooks
    )
    own_api = router(routes, None, observers=observers)
    building = _building(settings, database, store, assets, recorder, own_api)

    @asynccontextmanager
    async def lifespan(_: ASGIApp) -> AsyncGenerator[None]:
        store.open()
        own = settings.database_url is None
        embedded = await asyncio.to_thread(hold, settings.data_dir) if own else None
        url = settings.database_url or (embedded.url if embedded else "")
        await database.open(url, revive=embedded.ensure if embedded else None)
        requests_kept = timedelta(days=settings.request_log_days)
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "housekeeping": lambda: keep_house(database, store, requests_kept),
            "telling others": signal.run,
            "the live feed": feed.run,
            "presence": presence.run,
            "ended sessions": ended.run,
        }
        if settings.worker:
            parts["the worker"] = Worker(database, signal, settings, pace).run
        work = [asyncio.create_task(kept_up(name, part)) for name, part in parts.items()]
        recording = asyncio.create_task(recorder.keep())
        _settle_memory()
        try:
            with told_of_end(live.close):
                yield
        finally:
            live.close()
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            building.hasher.close()
            recorder.end()
            await recording
            await database.close()
            if embedded is not None:
                embedded.close()

    screens = screen_routes(all_screens(assets, live, presence), building)
    return router(routes, lifespan, screens, observers, lost_page(building))


def _building(
    settings: Settings,
    database: Database,
    store: FileStore,
    assets: Assets,
    recorder: Recorder,
    own_api: Router,
) -> Building:
    """What every screen stands on."""
    return Building(
        database=database,
        desk=Desk(database, store.spool),
        shown=Shown(assets),
        settings=settings,
        spool=store.spool,
        store=store,
        hasher=Hasher(),
        recorder=recorder,
        own_api=httpx2.ASGITransport(app=own_api),
        trusted_proxies=proxies_in(settings.trusted_proxies),
        provider=_provider(settings),
        provider_roles=roles_in(settings.oidc_roles),
        sender=sender_of(settings),
    )


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name=settings.oidc_name,
        groups_claim=settings.oidc_groups_claim,
    )


def _settle_memory() -> None:
    """What is there now stays: the collector need not look at it again, and looks less often at what comes.

    A request leaves next to no cycles behind, but each full collection would hold every other request up.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 100)


def from_environment() -> Router:
    """The application for this process's own environment: what a server process calls."""
    settings = read_settings()
    configure_logs(settings.log_level, settings.log_format)
    end_with_parent()
    return build(settings)


def described() -> bytes:
    """The OpenAPI document as JSON; no database is asked."""
    return document_of(all_routes(Database(connections=1), FileStore(Path(tempfile.gettempdir()))))
