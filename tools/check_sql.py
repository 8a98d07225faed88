"""Lints the SQL: the migrations for what would hurt a running database, every statement for its style."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MIGRATIONS = sorted((ROOT / "src/forecourt/migrations").glob("*.sql"))

# Each rule with its reason; matched against the statement without its comments and strings.
RULES = (
    (re.compile(r"select\s+(?:\w+\.)?\*"), "name the columns: a star changes meaning with the schema"),
    (re.compile(r"\boffset\s+[:$\d]"), "pages go by key: an offset reads all it skips"),
    (re.compile(r"\bcount\s*\(\s*\*\s*\).*\blimit\b", re.DOTALL), "no count on the way to a page"),
    (
        re.compile(
            r"\b(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|JOIN|AND|OR|VALUES|ORDER|GROUP|LIMIT|WITH)\b"
        ),
        "keywords are written small",
    ),
    (re.compile(r"\t"), "no tabs"),
    (re.compile(r"[^\n]{121,}"), "lines of at most 120 characters"),
)
_SILENT = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\$\$.*?\$\$", re.DOTALL)


def literals(file: Path) -> list[tuple[int, str]]:
    """Every SQL text in a Python file: the string constants that begin like a statement, with their lines."""
    found = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            text = node.value.strip()
            if re.match(
                r"(?:with|select|insert|update|delete|from|left join|where|,)\s", text, re.IGNORECASE
            ):
                found.append((node.lineno, node.value))
    return found


def complaints(file: Path, line: int, sql: str) -> list[str]:
    """What a statement does against the rules."""
    spoken = _SILENT.sub(lambda silent: "\n" * silent[0].count("\n"), sql)
    return [
        f"{file.relative_to(ROOT)}:{line + spoken[: match.start()].count(chr(10))}: {reason}"
        for rule, reason in RULES
        for match in [rule.search(spoken)]
        if match
    ]


def main() -> int:
    """Lint; the exit code."""
    squawk = subprocess.run([BIN / "squawk", "--config", ROOT / ".squawk.toml", *MIGRATIONS], check=False)
    found: list[str] = []
    for file in MIGRATIONS:
        found += complaints(file, 1, file.read_text("utf-8"))
    statements = 0
    for file in sorted((ROOT / "src").rglob("*.py")):
        for line, sql in literals(file):
            statements += 1
            found += complaints(file, line, sql)
    for complaint in found:
        sys.stderr.write(complaint + "\n")
    sys.stdout.write(
        f"{statements} statements and {len(MIGRATIONS)} migrations read, {len(found)} complaints\n"
    )
    return 1 if found or squawk.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
