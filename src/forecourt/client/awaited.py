"""The client whose calls are awaited: moves the bytes and waits; everything else is in ``calls.py``."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar
from urllib.parse import quote

import httpx2

from forecourt.client import clusters, keys, leads
from forecourt.client.calls import Api, Outcome, Pages, Steps, api_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")
P = ParamSpec("P")


class Awaited:
    """A part of the API."""

    def __init__(self, http: httpx2.AsyncClient, api: Api) -> None:
        self._http = http
        self._api = api

    async def _run(self, steps: Steps[T]) -> T:
        try:
            attempt = next(steps)
            while True:
                await asyncio.sleep(attempt.after)
                attempt = steps.send(await self._sent(attempt.request))
        except StopIteration as done:
            answer: T = done.value
            return answer

    async def _sent(self, request: httpx2.Request) -> Outcome:
        try:
            return await self._http.send(request, follow_redirects=request.method == "GET")
        except httpx2.RequestError as error:
            return error


def _call(steps: Callable[Concatenate[Api, P], Steps[T]]) -> Callable[Concatenate[Awaited, P], Awaitable[T]]:
    @functools.wraps(steps)
    async def call(self: Awaited, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._run(steps(self._api, *args, **kwargs))

    return call


def _each(
    listed: Callable[Concatenate[Api, P], Pages[T]],
) -> Callable[Concatenate[Awaited, P], AsyncIterator[T]]:
    @functools.wraps(listed)
    async def each(self: Awaited, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        pages = listed(self._api, *args, **kwargs)
        while not pages.done:
            for item in await self._run(pages.next()):
                yield item

    return each


class AsyncLeads(Awaited):
    """The leads of every dealership that the key holds."""

    create = _call(leads.create)
    update = _call(leads.update)
    get = _call(leads.get)
    list = _each(leads.each)
    events = _each(leads.events)
    file = _call(leads.file)
    options = _call(leads.options)


class AsyncLeadClusters(Awaited):
    """The lead clusters of one dealership."""

    get = _call(clusters.get)
    list = _each(clusters.each)
    update = _call(clusters.update)
    merge = _call(clusters.merge)
    unmerge = _call(clusters.unmerge)


class AsyncDealership(Awaited):
    """What belongs to one dealership."""

    @property
    def lead_clusters(self) -> AsyncLeadClusters:
        """Its lead clusters."""
        return AsyncLeadClusters(self._http, self._api.at("/lead_clusters"))


class AsyncForecourt(Awaited):
    """A server, called with one key.

    One client serves many tasks. It keeps connections open: use it as a context manager, or close it.
    """

    def __init__(
        self, base_url: str, api_key: str, *, timeout: float = 15.0, retries: int = 5, within: float = 60.0
    ) -> None:
        """A server, called with one key.

        Args:
            base_url: where it is, as ``https://leads.example.com``.
            api_key: as ``fc_live_…``.
            timeout: seconds in which an attempt must connect, and hear from the server again and again.
            retries: how often a call is tried again where that may help.
            within: seconds after which no attempt begins any more.
        """
        super().__init__(httpx2.AsyncClient(), api_of(base_url, api_key, timeout, retries, within))

    api_key = _call(keys.details)

    @property
    def leads(self) -> AsyncLeads:
        """The leads of every dealership that the key holds."""
        return AsyncLeads(self._http, self._api.at("/leads"))

    def dealership(self, name: str | int) -> AsyncDealership:
        """What belongs to the dealership with this slug or id."""
        return AsyncDealership(self._http, self._api.at(f"/dealerships/{quote(str(name), safe='')}"))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
