"""The house's numbers: short files, short functions, names of the trade, nothing of anybody's machine."""

from __future__ import annotations

import ast
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = sorted((ROOT / "src").rglob("*.py"))
FILE_LINES = 400
FUNCTION_LINES = 60


def functions(file: Path) -> list[tuple[str, int]]:
    """Each function of a file with the number of its lines, its docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if told else 0
            found.append((f"{file.name}: {node.name}", (node.end_lineno or 0) - node.lineno + 1 - docstring))
    return found


def committed() -> list[Path]:
    """The files that belong to the project; in a folder without git, all that are not made by a tool."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_files_are_short() -> None:
    assert [file.name for file in SOURCE if len(file.read_text().splitlines()) > FILE_LINES] == []


def test_functions_are_short() -> None:
    lengths = [length for file in SOURCE for length in functions(file)]

    assert [name for name, lines in lengths if lines > FUNCTION_LINES] == []
    assert sorted(lines for _, lines in lengths)[len(lengths) * 9 // 10] <= FUNCTION_LINES // 2


def test_rooms_are_named_by_words_of_the_trade() -> None:
    vague = {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "manager",
        "managers",
        "base",
        "misc",
        "services",
    }

    assert [file for file in SOURCE if vague & {file.stem, *file.parent.parts[-1:]}] == []


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [int(file.name[:4]) for file in sorted((ROOT / "src/forecourt/migrations").glob("*.sql"))]

    assert numbers[0] == 1
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))


def test_the_locks_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert re.findall(r"://|file:|--(?:extra-)?index", text) == []


def test_nothing_holds_a_path_of_a_machine_or_a_registrys_host() -> None:
    # Put together here, so that this file does not hold them itself.
    words = [
        "/ro" + "ot/",
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "npmjs" + ".org",
        "/wo" + "rk/",
    ]
    found = []
    for file in committed():
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{file.name}: {word}" for word in words if word in text]

    assert found == []


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Before 3.11.5 Python loses its way there (python/cpython#101955, #106052); of single characters it is fine."""
    alphabet_of_sms = ROOT / "src/forecourt/messages/segments.py"
    possessive = re.compile(r"(?<!\\)\)[?*+]\+")

    assert [file for file in SOURCE if file != alphabet_of_sms and possessive.search(file.read_text())] == []
