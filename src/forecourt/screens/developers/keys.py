"""The keys of programs: what there are, new ones, replaced and revoked ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecourt.access.permissions import PERMISSIONS
from forecourt.infra.problems import status_of
from forecourt.infra.refusals import Invalid, Refusal
from forecourt.keys.issue import ISSUE, MANAGE, MOST_DAYS, seen_keys
from forecourt.keys.refusals import KeyHasEnded, KeyIsSomebodys, KeyOfOthers
from forecourt.keys.replace import DEFAULT_OVERLAP_HOURS, MOST_OVERLAP_HOURS, REPLACE, REVOKE_KEY
from forecourt.screens.developers.place import page, place, places, text, words
from forecourt.screens.screen import Screen

if TYPE_CHECKING:
    from forecourt.infra.http import Answer
    from forecourt.keys.records import IssuedOut
    from forecourt.screens.visit import Visit

# What is told on the page that was open.
_TOLD = (Invalid, KeyOfOthers, KeyHasEnded, KeyIsSomebodys)
# What a website that sends leads needs.
_USUAL = ("create:lead", "update:lead", "read:lead")


async def get_keys(visit: Visit) -> Answer:
    """The page."""
    return await _page(visit)


async def post_key(visit: Visit) -> Answer:
    """Issue one; its token is shown this once."""
    form = await visit.form()
    days, slugs = text(form, "expires_in_days").strip(), words(form, "dealerships")
    given: dict[str, Any] = {
        "name": text(form, "name")[:255],
        "mode": text(form, "mode"),
        "permissions": words(form, "permissions"),
        "dealerships": slugs,
    }
    tree = given | ({"expires_in_days": int(days) if _is_number(days) else days} if days else {})
    # At whichever of them somebody manages keys; the operation looks at each.
    own = {one.slug for one in places(visit, MANAGE)}
    at = next((slug for slug in slugs if slug in own), place(visit, MANAGE).slug)
    try:
        done = await visit.act(at, ISSUE, tree)
    except _TOLD as refusal:
        return await _page(visit, refusal=refusal, given=given | {"expires_in_days": days})
    return await _page(visit, issued=done.outcome.body)  # type: ignore[arg-type]


async def post_replacement(visit: Visit) -> Answer:
    """Replace one; the new token is shown this once."""
    form = await visit.form()
    hours = text(form, "overlap_hours").strip()
    tree = {"overlap_hours": int(hours) if _is_number(hours) else hours} if hours else {}
    try:
        done = await visit.act(_at(form), REPLACE, tree, key_id=visit.call.path["key_id"])
    except _TOLD as refusal:
        return await _page(visit, refusal=refusal)
    return await _page(visit, issued=done.outcome.body, overlap=hours or str(DEFAULT_OVERLAP_HOURS))  # type: ignore[arg-type]


async def post_revocation(visit: Visit) -> Answer:
    """Revoke one, for good; its name has to be typed."""
    form = await visit.form()
    tree = {"name": text(form, "name")[:255]}
    try:
        await visit.act(_at(form), REVOKE_KEY, tree, key_id=visit.call.path["key_id"])
    except _TOLD as refusal:
        return await _page(visit, refusal=refusal)
    return visit.to("/developers/keys?said=key_revoked")


async def _page(
    visit: Visit,
    *,
    refusal: Refusal | None = None,
    given: dict[str, Any] | None = None,
    issued: IssuedOut | None = None,
    overlap: str | None = None,
) -> Answer:
    managed = places(visit, MANAGE)
    ended = visit.parameters.get("ended") == "yes"
    async with visit.database.connection() as connection:
        keys = await seen_keys(connection, visit.who.user_id, ended=ended)
    usual = {"name": "", "mode": "test", "permissions": _USUAL, "expires_in_days": ""}
    return page(
        visit,
        "keys.html",
        "Keys",
        status_of(refusal) if refusal else 200,
        place=managed[0],
        places=managed,
        keys=keys,
        ended=ended,
        refusal=refusal,
        given=given or usual | {"dealerships": [managed[0].slug] if len(managed) == 1 else []},
        issued=issued,
        overlap=overlap,
        permissions=PERMISSIONS,
        most_days=MOST_DAYS,
        usual_hours=DEFAULT_OVERLAP_HOURS,
        most_hours=MOST_OVERLAP_HOURS,
    )


def _at(form: dict[str, Any]) -> str:
    return text(form, "dealership")


def _is_number(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) < 10  # noqa: PLR2004


SCREENS = (
    Screen("GET", "/developers/keys", get_keys, MANAGE),
    Screen("POST", "/developers/keys", post_key, MANAGE),
    Screen("POST", "/developers/keys/{key_id}/replace", post_replacement, MANAGE),
    Screen("POST", "/developers/keys/{key_id}/revoke", post_revocation, MANAGE),
)
