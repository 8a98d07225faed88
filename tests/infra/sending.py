"""Sends bodies as a server hands them on: in messages of any size, whole, cut off or stalled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from forecourt.infra.bodies import Body, read_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    Receive = Callable[[], Awaitable[dict[str, Any]]]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xx"
END = b"--xx--\r\n"


def cut(body: bytes, size: int) -> list[bytes]:
    """*body* in pieces of *size* bytes."""
    return [body[start : start + size] for start in range(0, len(body), size)] or [b""]


def arriving(pieces: Iterable[bytes], *, then: str = "end", stalled: asyncio.Event | None = None) -> Receive:
    """ASGI's receive for a body in *pieces*; afterwards it ends, or the client leaves, or stalls and says so."""
    waiting = list(pieces)

    async def receive() -> dict[str, Any]:
        if waiting:
            piece = waiting.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(waiting) or then != "end"}
        if then == "stall":
            if stalled is not None:
                stalled.set()
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return receive


async def send(
    body: bytes, content_type: str | None, spool: Path, *, size: int = 1 << 30, announced: bool = True
) -> Body:
    """What the server makes of *body*, sent in messages of *size* bytes."""
    return await read_body(
        content_type=content_type,
        content_length=str(len(body)) if announced else None,
        receive=arriving(cut(body, size)),
        spool=spool,
    )


def part(name: str, content: bytes, more: str = "", headers: str = "") -> bytes:
    """One part of a multipart body with the boundary ``xx``; *more* follows its name, *headers* its disposition."""
    head = f'--xx\r\nContent-Disposition: form-data; name="{name}"{more}\r\n{headers}\r\n'
    return head.encode() + content + b"\r\n"


def file(name: str, content: bytes, filename: str = "cv.pdf") -> bytes:
    """A part that is a file."""
    return part(name, content, f'; filename="{filename}"', "Content-Type: application/pdf\r\n")


def files_in(folder: Path) -> list[Path]:
    """What lies in *folder*, in order."""
    return sorted(folder.iterdir())
