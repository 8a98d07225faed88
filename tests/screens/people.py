"""Browsers without JavaScript, as HTTP sees them: cookies kept, writes from our own pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

import httpx

from forecourt.access.hashing import Hasher
from forecourt.access.sessions import COOKIE

if TYPE_CHECKING:
    from tests.world import World

PASSWORD = "three brown kettles"
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
_SET = re.compile(r"([^=;]+)=([^;]*)(.*)")


class Visitor:
    """A browser: what it is told to keep it keeps, ``Secure`` or not, for it is on this machine."""

    def __init__(self, server: str, **headers: str) -> None:
        self.client = httpx.AsyncClient(base_url=server, headers=FROM_HERE | headers, timeout=30)
        self.cookies: dict[str, str] = {}
        self.attributes: dict[str, str] = {}

    async def get(self, path: str, /, **headers: str) -> httpx.Response:
        return await self._kept(await self.client.get(path, headers=headers | self.sent_along()))

    async def post(self, path: str, headers: dict[str, str] | None = None, /, **form: str) -> httpx.Response:
        return await self._kept(
            await self.client.post(path, data=form, headers=(headers or {}) | self.sent_along())
        )

    async def sign_in(self, email: str, password: str = PASSWORD, to: str = "/") -> httpx.Response:
        return await self.post("/sign-in", email=email, password=password, to=to)

    async def is_in(self) -> bool:
        return (await self.get("/profile")).status_code == 200

    @property
    def session(self) -> str | None:
        return self.cookies.get(COOKIE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    def sent_along(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    async def _kept(self, answer: httpx.Response) -> httpx.Response:
        for header in answer.headers.get_list("set-cookie"):
            found = _SET.fullmatch(header)
            assert found
            name, value, attributes = found.groups()
            self.attributes[name] = attributes
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer


async def person(
    world: World, name: str, role: str | None = "salesperson", dealership: int = 1, password: str = PASSWORD
) -> int:
    """A user of the dealership who can sign in as ``name@example.com``; their id."""
    hasher = Hasher()
    [row] = await world.rows(
        "insert into user_account (name, email, password_hash) values ($1, $2, $3) returning id",
        name.title(),
        f"{name}@example.com",
        await hasher.hash(password),
    )
    hasher.close()
    if role is not None:
        await world.run(
            "insert into dealership_user (dealership_id, user_id, role) values ($1, $2, $3)",
            dealership,
            row["id"],
            role,
        )
    return int(row["id"])
