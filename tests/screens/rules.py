"""The rules of accessibility, as axe holds a page to them: in light and dark, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.async_api import Page

AXE = Path(__file__).parent.parent.parent / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1360, 360)


async def complaints(page: Page) -> list[str]:
    """What axe finds on a page as it is; its context must bypass the Content-Security-Policy."""
    assert AXE.is_file(), "run tools/axe"
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate(
        "values => axe.run(document,"
        " {runOnly: {type: 'tag', values}, resultTypes: ['violations'], preload: false})",
        RULES,
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


async def complaints_everywhere(page: Page) -> list[str]:
    """The same in both schemes and widths, and whether the page is wider than a phone."""
    return await _complaints_in(page, [(width, scheme) for width in WIDTHS for scheme in ("light", "dark")])


async def complaints_across(page: Page) -> list[str]:
    """The same wide and light, then narrow and dark: for what is made of the parts of a page that was held to all four."""
    return await _complaints_in(page, list(zip(WIDTHS, ("light", "dark"), strict=True)))


async def _complaints_in(page: Page, looks: list[tuple[int, Literal["light", "dark"]]]) -> list[str]:
    found = []
    for width, scheme in looks:
        await page.set_viewport_size({"width": width, "height": 860})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{width} {scheme} {one}" for one in await complaints(page)]
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{width}: scrolls sideways")
    return found
