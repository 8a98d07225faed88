"""A recorded request as a command to paste. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from forecourt.requests.replay import Prepared

# Where the key goes, in the place of one that nobody knows any more.
KEY = "$FORECOURT_KEY"


def curl_of(request: Prepared, to: str, key: str | None) -> str:
    """The command that sends *request* again.

    Args:
        request: with values for everything that the log has masked.
        to: the address of a server.
        key: of that server; a variable of the shell where it is None.
    """
    query = "&".join(f"{quote(name, safe='[]')}={quote(value, safe=':')}" for name, value in request.query)
    address = f"{to.rstrip('/')}{request.path}{'?' if query else ''}{query}"
    bearer = f'"Authorization: Bearer {KEY}"' if key is None else shlex.quote(f"Authorization: Bearer {key}")
    lines = [f"curl -X {request.method} {shlex.quote(address)}", f"-H {bearer}"]
    lines += [f"-H {shlex.quote(f'{_titled(name)}: {value}')}" for name, value in request.headers.items()]
    if request.content is not None:
        lines.append(f"--data-raw {shlex.quote(request.content.decode())}")
    for name, value in request.parts:
        said = value if isinstance(value, str) else f"@{value.name};type={value.content_type}"
        # A text that begins like a file is none.
        flag = "--form-string" if isinstance(value, str) else "-F"
        lines.append(f"{flag} {shlex.quote(f'{name}={said}')}")
    return " \\\n  ".join(lines)


def _titled(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-"))
