"""The examples of docs/client.md, run in their order against a real server: they print what the page says."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

import forecourt.client
from forecourt.client import Refused

if TYPE_CHECKING:
    from tests.world import World

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def told(example: str) -> list[str]:
    """The lines that an example says it prints: behind a print, or below a block of them."""
    return re.findall(r"^(?:# |\s*print\(.*\)  # )(.*)$", example, re.MULTILINE)


def printed(example: str, names: dict[str, Any]) -> list[str]:
    """The lines that it prints."""
    code = compile(example, "docs/client.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    output = StringIO()
    with redirect_stdout(output):
        awaited = eval(code, names)
        if inspect.iscoroutine(awaited):
            asyncio.run(awaited)
    return output.getvalue().splitlines()


async def test_the_examples_print_what_the_page_says(server: str, world: World) -> None:
    now, body = datetime.now(UTC), '{"type":"lead.updated"}'
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", now, body),
    }
    names: dict[str, Any] = {
        "base_url": server,
        "key": world.token,
        "secret": SECRET,
        "headers": headers,
        "body": body.encode(),
    }

    try:
        for example in EXAMPLES:
            assert await asyncio.to_thread(printed, example, names) == told(example), example
    finally:
        names["forecourt"].close()
    assert len(EXAMPLES) == PAGE.count("```python") > 0


def test_every_error_is_told() -> None:
    errors = [
        name
        for name, kind in vars(forecourt.client).items()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ]

    assert [name for name in errors if f"`{name}`" not in PAGE] == []
    assert Refused.__name__ in errors
