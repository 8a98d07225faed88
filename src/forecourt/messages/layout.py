"""The one page that all our mail looks like: narrow on a telephone, nothing fetched from outside."""

from __future__ import annotations

import html
import re
from functools import cache
from importlib import resources

from mjml import mjml2html

_PLACE = re.compile(r"\[\[(subject|dealership|body|footer)\]\]")


def page(*, subject: str, dealership: str, body: str, footer: str) -> str:
    """A whole HTML page.

    Args:
        subject: text.
        dealership: text, above everything else.
        body: HTML.
        footer: HTML, small.
    """
    parts = {
        "subject": html.escape(subject),
        "dealership": html.escape(dealership),
        "body": body,
        "footer": footer,
    }
    # In one pass: what a part holds is never taken for a place.
    return _PLACE.sub(lambda place: parts[place[1]], _layout())


@cache
def _layout() -> str:
    """The layout as HTML, with its places."""
    source = resources.files("forecourt.messages").joinpath("layout.mjml").read_text("utf-8")
    return str(mjml2html(source, disable_comments=False, fonts={}))
