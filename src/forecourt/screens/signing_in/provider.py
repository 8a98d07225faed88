"""Signing in by an identity provider: the way there, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecourt.access.oidc_sign_in import Returned, come_back, send_away
from forecourt.access.refusals import NobodyHere, ProviderFailed
from forecourt.infra.http import NotFound
from forecourt.infra.problems import status_of
from forecourt.screens.screen import Screen
from forecourt.screens.signing_in.cookies import (
    PROVIDER_COOKIE,
    base_address,
    browser_of,
    entered,
    forgotten,
    ours,
    provider_cookie,
)

if TYPE_CHECKING:
    from forecourt.access.oidc import Provider
    from forecourt.infra.http import Answer
    from forecourt.infra.refusals import Refusal
    from forecourt.screens.visit import Visit

RETURN = "/sign-in/provider/return"


async def post_provider(visit: Visit) -> Answer:
    """Send the browser to the provider: by a page, since a form of ours may lead nowhere but to us."""
    provider = _provider(visit)
    form = await visit.form()
    to = ours(str(form.get("to", "")))
    try:
        address, state = await send_away(
            visit.database, provider, return_to=to, return_address=base_address(visit) + RETURN
        )
    except ProviderFailed as refusal:
        return _refused(visit, refusal)
    return visit.page(
        "signing_in/to_provider.html", headers=(provider_cookie(state),), provider=provider, address=address
    )


async def get_return(visit: Visit) -> Answer:
    """Whom the provider sent back, signed in: the state that this browser has kept stands for the form of ours."""
    provider = _provider(visit)
    returned = Returned(
        code=visit.parameters.get("code"),
        state=visit.parameters.get("state"),
        issuer=visit.parameters.get("iss"),
        kept=visit.cookies.get(PROVIDER_COOKIE),
        request_id=visit.call.request_id,
    )
    try:
        found, to = await come_back(
            visit.database,
            provider,
            returned,
            return_address=base_address(visit) + RETURN,
            browser=browser_of(visit),
            mapping=visit.building.provider_roles,
            creates_users=visit.building.settings.oidc_creates_users,
        )
    except (ProviderFailed, NobodyHere) as refusal:
        return _refused(visit, refusal)
    return entered(visit, found, to, forgotten(PROVIDER_COOKIE))


def _provider(visit: Visit) -> Provider:
    provider: Provider | None = visit.building.provider
    if provider is None:
        raise NotFound
    return provider


def _refused(visit: Visit, refusal: Refusal) -> Answer:
    return visit.page(
        "signing_in/ended.html",
        status_of(refusal),
        headers=(forgotten(PROVIDER_COOKIE),),
        refusal=refusal,
    )


SCREENS = (
    Screen("POST", "/sign-in/provider", post_provider, None),
    Screen("GET", RETURN, get_return, None),
)
