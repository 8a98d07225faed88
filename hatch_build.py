"""Build step: copies Swagger UI's files, which come in a build requirement, into the package."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = Path("src/forecourt/reference/static")
FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")


class ReferenceAssets(BuildHookInterface[Any]):
    """Puts the API reference's files where the package serves them from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Copy the files; a wheel then carries them, an editable checkout serves them in place."""
        spec = importlib.util.find_spec("flask_swagger_ui")
        if spec is None or spec.origin is None:
            raise RuntimeError("the build requirement flask-swagger-ui is missing")
        target = Path(self.root) / STATIC
        target.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(Path(spec.origin).parent / "dist" / name, target / name)
        build_data["artifacts"].append(f"{STATIC}/*")
