"""The reference's routes: the document, the page, and the page's files. Nothing comes from elsewhere."""

from __future__ import annotations

from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from forecourt.infra.http import Answer, NotFound
from forecourt.infra.routes import Route
from forecourt.reference.openapi import document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecourt.infra.http import Call

_FILES = {
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "swagger-ui.css": b"text/css; charset=utf-8",
    "favicon-32x32.png": b"image/png",
    "start.js": b"text/javascript; charset=utf-8",
}

_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Forecourt API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="reference"></main>
<noscript>The reference needs JavaScript; the document it shows is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

# Whoever is signed in, and has made a test key in this session (Developers, Home), finds it filled in; no other key ever is.
_START = b"""const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
  onComplete: async () => {
    if (ui.authSelectors.authorized().size) return;
    const answer = await fetch("/developers/test-key", { redirect: "manual" });
    const { token } = answer.ok ? await answer.json() : {};
    if (token) ui.preauthorizeApiKey("key", token);
  },
});
"""

# Swagger UI sets styles from its script and draws its icons from data URIs.
_POLICY = (
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
)


def document_of(routes: Sequence[Route]) -> bytes:
    """The OpenAPI document of *routes* as JSON."""
    return msgspec.json.format(msgspec.json.encode(document(routes)), indent=1)


class Reference:
    """The handlers of the reference."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._described = routes

    @cached_property
    def _document(self) -> bytes:
        return document_of(self._described)

    async def get_document(self, _: Call) -> Answer:
        """The OpenAPI document."""
        return Answer(200, self._document)

    async def get_page(self, _: Call) -> Answer:
        """The page."""
        return Answer(200, _PAGE, b"text/html; charset=utf-8", ((b"content-security-policy", _POLICY),))

    async def get_file(self, call: Call) -> Answer:
        """One of the page's files."""
        name = call.path["name"]
        content_type = _FILES.get(name)
        if content_type is None:
            raise NotFound
        if name == "start.js":
            return Answer(200, _START, content_type)
        file = resources.files("forecourt") / "reference" / "static" / name
        if not file.is_file():
            raise NotFound("the reference's files come with the installed package")
        return Answer(200, file.read_bytes(), content_type)

    def routes(self) -> list[Route]:
        """This room's routes; no key is asked for."""
        return [
            Route("GET", "/openapi.json", self.get_document, "openapi", "This Document", permission=""),
            Route("GET", "/docs", self.get_page, "docs", "The Reference", permission=""),
            Route("GET", "/docs/{name}", self.get_file, "docs_file", "The Reference's Files", permission=""),
        ]
