"""What is sent and what comes back, without sending it: the blocking and the awaited client share all of this.

A call is a generator. It yields each attempt, is sent the attempt's outcome, and returns what the call came to. So its
rules (headers, retries, what a refusal means) are written once, and each client only moves bytes and waits.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import httpx2
import msgspec

from forecourt import __version__
from forecourt.client.errors import UnexpectedAnswer, error_of
from forecourt.client.retries import Patience, wait_before

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

_log = logging.getLogger("forecourt.client")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Attempt(msgspec.Struct, frozen=True):
    """One sending of a request.

    Attributes:
        after: seconds to wait before it.
    """

    request: httpx2.Request
    after: float


Outcome: TypeAlias = httpx2.Response | httpx2.RequestError
Steps: TypeAlias = Generator[Attempt, Outcome, T]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list.

    Attributes:
        items: under the list's own name in JSON.
        next_cursor: of the next page; None on the last.
    """

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """An address of the server, and how to call it.

    Attributes:
        url: below which the calls are.
        clock: seconds, from any moment on.
        dice: a number from 0 up to 1.
    """

    url: str
    key: str = field(repr=False)
    patience: Patience
    clock: Callable[[], float] = time.monotonic
    dice: Callable[[], float] = random.random

    def at(self, path: str) -> Api:
        """An address below this one."""
        return replace(self, url=self.url + path)

    def read(self, path: str, answer: type[T], query: Mapping[str, object] | None = None) -> Steps[T]:
        """Get what is at *path*."""
        request = self._request("GET", path, query or {})
        return _decoded((yield from self._answered(request)), answer)

    def read_bytes(self, path: str) -> Steps[bytes]:
        """Get what is at *path*, as it is."""
        response = yield from self._answered(self._request("GET", path, {}))
        return response.content

    def write(
        self,
        method: str,
        path: str,
        body: object,
        answer: type[T],
        *,
        dry_run: bool = False,
        if_match: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Steps[T]:
        """Send *body*; however often it is sent, it takes effect once.

        Args:
            method: POST or PUT.
            path: below the address.
            body: a struct, or what JSON knows; amounts keep their digits.
            answer: what comes back.
            dry_run: whether to write nothing.
            if_match: the version, or entity tag, that is expected.
            idempotency_key: kept by whoever must repeat the call after a restart; a new one otherwise.
        """
        request = self._request(method, path, {"dry_run": True} if dry_run else {}, _ENCODER.encode(body))
        request.headers["content-type"] = "application/json"
        request.headers["idempotency-key"] = idempotency_key or str(uuid.uuid4())
        if if_match is not None:
            request.headers["if-match"] = f'"{if_match}"' if isinstance(if_match, int) else if_match
        return _decoded((yield from self._answered(request)), answer)

    def _request(
        self, method: str, path: str, query: Mapping[str, object], body: bytes | None = None
    ) -> httpx2.Request:
        headers = {
            "authorization": f"Bearer {self.key}",
            "accept": "application/json",
            "user-agent": f"forecourt-python/{__version__}",
            # Ours, so that it can be told even where no answer comes.
            "x-request-id": f"req_{uuid.uuid4().hex}",
        }
        params: list[tuple[str, str | int | float | bool | None]] = [
            (name, text) for name, value in query.items() for text in _texts(value)
        ]
        return httpx2.Request(method, self.url + path, params=params, headers=headers, content=body)

    def _answered(self, request: httpx2.Request) -> Steps[httpx2.Response]:
        """Every attempt at *request*: the same bytes, the same key, until there is an answer or patience ends.

        Raises:
            ForecourtError: the last attempt's.
        """
        patience, began, wait, retry = self.patience, self.clock(), 0.0, 0
        while True:
            left = patience.within - (self.clock() - began) - wait
            request.extensions["timeout"] = httpx2.Timeout(min(patience.timeout, left)).as_dict()
            outcome = yield Attempt(request, wait)
            error = error_of(outcome, request)
            if error is None:
                assert isinstance(outcome, httpx2.Response)  # noqa: S101 - or it were an error
                return outcome
            wait = wait_before(retry, error.retry_after, self.dice())
            too_late = self.clock() - began + wait >= patience.within
            if not error.passing or retry >= patience.retries or too_late:
                raise error
            retry += 1
            _log.info("trying again in %.2f s: %s, %s", wait, type(error).__name__, error.request_id)


def api_of(base_url: str, api_key: str, timeout: float, retries: int, within: float) -> Api:
    """The address below which every call is.

    Raises:
        ValueError: *base_url* is none.
    """
    if not base_url.startswith(("http://", "https://")):
        raise ValueError("base_url must begin with http:// or https://")
    patience = Patience(timeout=timeout, retries=retries, within=within)
    return Api(url=f"{base_url.rstrip('/')}/api/v1", key=api_key.strip(), patience=patience)


class Pages(Generic[T]):
    """A list, page by page.

    Attributes:
        done: whether the last page was given.
    """

    def __init__(
        self, api: Api, path: str, page: type[Page[T]], query: Mapping[str, object], size: int | None
    ) -> None:
        self._api = api
        self._path = path
        self._page = page
        self._query = {**query} | ({} if size is None else {"limit": size})
        self.done = False

    def next(self) -> Steps[list[T]]:
        """The next page's items."""
        page = yield from self._api.read(self._path, self._page, self._query)
        self._query["cursor"] = page.next_cursor
        self.done = page.next_cursor is None
        return page.items


def _texts(value: object) -> list[str]:
    """A parameter of the query string, as often as it stands there."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in _texts(each)]
    if isinstance(value, bool):
        return [str(value).lower()]
    return [value.isoformat() if isinstance(value, datetime) else str(value)]


def _decoded(response: httpx2.Response, answer: type[T]) -> T:
    # What the contract leaves free keeps the digits of its amounts.
    decoder = msgspec.json.Decoder(answer, float_hook=Decimal)
    try:
        return decoder.decode(response.content)
    except msgspec.MsgspecError as error:
        told = f"answered {response.status_code} with something else than {answer.__name__}: {error}"
        raise UnexpectedAnswer(told, response.request.headers["x-request-id"]) from error
