"""A visit: one request of a browser, who is signed in, and how it can be answered."""

from __future__ import annotations

from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from forecourt.access.caller import Caller, RoleMissing, Unauthorised
from forecourt.access.roles import PERMISSIONS_OF
from forecourt.access.sessions import Membership, Visitor, visitor
from forecourt.dealerships.desk import Asked, Desk, Sent
from forecourt.dealerships.desk import Done as Acted
from forecourt.dealerships.operation import Dealership, DealershipNotFound, Standing
from forecourt.ids import DealershipId
from forecourt.infra.bodies import read_body
from forecourt.infra.conditional import entity_tag
from forecourt.infra.http import Answer, Call
from forecourt.screens.inbox.views import VIEWS
from forecourt.screens.said import Done, done_in, sentence
from forecourt.screens.shortcuts import SHORTCUTS, Shortcut
from forecourt.screens.shown import Shown
from forecourt.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from forecourt.dealerships.operation import Operation
    from forecourt.infra.database import Database
    from forecourt.infra.refusals import Refusal

_HTML = b"text/html; charset=utf-8"
SECTIONS = (
    ("/appointments", "Appointments", "calendar-days", "read:lead_cluster"),
    ("/reports", "Reports", "chart-column", "read:report"),
    ("/developers", "Developers", "code-xml", "read:webhook"),
    ("/settings", "Settings", "settings", "read:dealership"),
)


class Building(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages stand on: one for all visits.

    Attributes:
        recorder: of the request log, to write down what this process still holds.
        own_api: a way to the server's own API that goes over no network.
        provider: the identity provider, where there is one.
        provider_roles: what its groups are where.
        store: where files lie.
        sender: as whom the server writes to customers.
    """

    database: Any
    desk: Any
    shown: Shown
    settings: Settings
    spool: Any
    store: Any
    hasher: Any
    recorder: Any
    own_api: Any
    trusted_proxies: tuple[str, ...]
    provider: Any
    provider_roles: Any
    sender: Any


class Visit:
    """One request.

    Attributes:
        visitor: who is signed in; None where nobody is.
    """

    def __init__(self, call: Call, building: Building) -> None:
        self.call = call
        self.building = building
        self.visitor: Visitor | None = None
        self.session_hash = b""

    def sign_in(self, who: Visitor, session_hash: bytes) -> None:
        """*who* makes the request."""
        self.visitor = who
        self.session_hash = session_hash

    # ------------------------------------------------------------------------------------------------ what was asked

    @property
    def database(self) -> Database:
        """The database."""
        database: Database = self.building.database
        return database

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that came along."""
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(self.call.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in jar.items()}

    @property
    def is_fragment(self) -> bool:
        """Whether a page that is open asks for a part of itself, and not a browser for a page."""
        return (
            self.call.headers.get("hx-request") == "true"
            and self.call.headers.get("hx-history-restore-request") != "true"
        )

    @property
    def address(self) -> str:
        """The path and query that were asked for."""
        query = self.call.scope["query_string"].decode("latin-1")
        path: str = self.call.scope["path"]
        return f"{path}?{query}" if query else path

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters; of one that is there twice the last."""
        pairs = parse_qsl(self.call.scope["query_string"].decode("latin-1"), max_num_fields=50)
        # The database has no NUL in a text: nothing is called so.
        return {name: value.replace("\0", "\ufffd") for name, value in pairs}

    @property
    def came_from(self) -> str:
        """The path and query of the page where a form was sent; the inbox where the browser does not say."""
        said = self.call.headers.get("hx-current-url") or self.call.headers.get("referer") or "/"
        parts = urlsplit(said)
        if parts.netloc and parts.netloc != self.call.headers.get("host"):
            return "/"
        # Two slashes in front would be the name of another server.
        path = "/" + parts.path.lstrip("/")
        return path + (f"?{parts.query}" if parts.query else "")

    async def form(self) -> dict[str, Any]:
        """The fields of a form that was sent; one whose boxes are all left open sends none.

        Raises:
            Refusal: the body cannot be read.
        """
        if self.call.headers.get("content-length") == "0":
            return {}
        spool: Path = self.building.spool
        body = await read_body(
            content_type=self.call.headers.get("content-type"),
            content_length=self.call.headers.get("content-length"),
            receive=self.call.receive,
            spool=spool,
        )
        body.discard()
        return body.tree

    # ----------------------------------------------------------------------------------------------------- who it is

    @property
    def who(self) -> Visitor:
        """Who is signed in.

        Raises:
            Unauthorised: nobody is.
        """
        if self.visitor is None:
            raise Unauthorised
        return self.visitor

    @property
    def is_setting_up(self) -> bool:
        """Whether the visitor has set the installation up, and has no dealership yet."""
        return self.visitor is not None and self.visitor.sets_up and not self.visitor.memberships

    def require(self, permission: str) -> None:
        """Go on only for somebody whose role gives *permission* in a dealership at least.

        Raises:
            RoleMissing: it does so nowhere.
        """
        if not self.who.memberships:
            raise RoleMissing("You have no role at any dealership. Ask an owner to invite you.")
        if not self.may(permission):
            raise RoleMissing("Ask an owner of your dealership for it.")

    def may(self, permission: str) -> bool:
        """Whether the visitor's role gives *permission* in a dealership at least."""
        return self.visitor is not None and any(one.may(permission) for one in self.visitor.memberships)

    def places(self, permission: str) -> list[Membership]:
        """The dealerships where the visitor's role gives *permission*."""
        return [one for one in self.who.memberships if one.may(permission)]

    def place(self, slug: str, permission: str) -> Membership:
        """The dealership with this slug or id.

        Raises:
            DealershipNotFound: there is none, or the visitor is nobody there.
            RoleMissing: their role does not give *permission* there.
        """
        for one in self.who.memberships:
            if slug in (one.slug, str(one.dealership_id)):
                if not one.may(permission):
                    raise RoleMissing(f"Ask an owner of {one.name} for it.")
                return one
        raise DealershipNotFound

    def standing(self, place: Membership) -> Standing:
        """The visitor at *place*, as use cases that only read ask for it; they see both modes."""
        return Standing(
            caller=Caller(None, PERMISSIONS_OF[place.role], self.who.user_id),
            dealership=Dealership(
                id=DealershipId(place.dealership_id),
                slug=place.slug,
                name=place.name,
                timezone=place.timezone,
                country=place.country,
            ),
            now=self.who.now,
        )

    async def is_still_signed_in(self) -> bool:
        """Whether the session has not ended since; being asked counts as being here."""
        async with self.database.connection() as connection:
            return await visitor(connection, self.session_hash) is not None

    # ---------------------------------------------------------------------------------------------------- what is done

    async def act(
        self,
        dealership: str,
        operation: Operation[Any, Any],
        tree: dict[str, Any],
        *,
        version: int | None = None,
        **path: str,
    ) -> Acted:
        """Carry out *operation* for the visitor: the same that an API key would have carried out.

        Args:
            dealership: slug or id.
            operation: what is done.
            tree: its body.
            version: that of the thing as the visitor saw it; None where whatever has happened since does not matter.
            path: the path's parameters that the operation asks for.

        Raises:
            VersionMismatch: it is another one by now.
            Refusal: whatever the operation refuses.
        """
        desk: Desk = self.building.desk
        asked = Asked(
            token_hash=self.session_hash,
            signed_in=True,
            dealership=dealership,
            path=path,
            name=self.address,
            request_id=self.call.request_id,
            sent=Sent(tree, typed=True, fingerprint=b""),
            if_match=None if version is None else frozenset({entity_tag(version)}),
        )
        return await desk.act(asked, operation)

    # ------------------------------------------------------------------------------------------- what every page shows

    @property
    def sections(self) -> tuple[tuple[str, str, str, str], ...]:
        """Where one can go: address, name, icon, and the permission that is needed."""
        return SECTIONS

    @property
    def views(self) -> list[tuple[str, str, str]]:
        """The inbox's views: their word in the address, name and icon."""
        return [(view, name, symbol) for view, (name, symbol, _) in VIEWS.items()]

    @property
    def shortcuts(self) -> tuple[Shortcut, ...]:
        """The keyboard's shortcuts."""
        return SHORTCUTS

    # ----------------------------------------------------------------------------------------------------- what is said

    def page(
        self,
        template: str,
        status: int = 200,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        **values: Any,  # noqa: ANN401 - what a template shows
    ) -> Answer:
        """A whole page, or its part where a page that is open asks for it."""
        return Answer(status, self.building.shown.render(template, self, values), _HTML, headers)

    def to(self, address: str, *headers: tuple[bytes, bytes]) -> Answer:
        """Lead the browser to another page of ours."""
        name = b"hx-redirect" if self.is_fragment else b"location"
        return Answer(200 if self.is_fragment else 303, b"", headers=((name, address.encode()), *headers))

    def done(
        self,
        word: str,
        undo: Sequence[str],
        *,
        count: int = 1,
        refused: Sequence[str] = (),
        to: str | None = None,
    ) -> Answer:
        """Say that something was done, and how it is taken back: in the corner of the open page, or on the one before.

        Args:
            word: of ``said.SENTENCES``.
            undo: the events to take back, as ``said.marks_of`` names them.
            count: how many customers it was done to.
            refused: what was not done, and why.
            to: where to go; by default back to where the form was.
        """
        if self.is_fragment and to is None:
            told = Done(sentence(word, count), list(undo))
            return self.page("frame/done.html", done=told, refused=list(refused))
        path, _, query = (to or self.came_from).partition("?")
        kept = [(name, value) for name, value in parse_qsl(query) if name not in {"said", "n", "done"}]
        said = [("said", word), ("n", str(count)), ("done", ",".join(undo))]
        return self.to(f"{path}?{urlencode(kept + said)}")

    @property
    def was_done(self) -> Done | None:
        """What the address says was done before this page."""
        return done_in(self.parameters)

    def refused(self, refusal: Refusal, status: int) -> Answer:
        """Say no, on a page of its own or in the corner of the open one."""
        template = "frame/refused_toast.html" if self.is_fragment else "frame/refused.html"
        return self.page(template, status, refusal=refusal)
