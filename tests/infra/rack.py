"""Ruby's Rack, asked what it makes of a form; and forms to ask it about.

``python -m tests.infra.rack`` asks anew and stores the answers in ``rack_answers.json``. It needs ruby-rack 2.2.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ANSWERS = Path(__file__).with_name("rack_answers.json")

# What Rack raises where names contradict each other; any other word is another reason not to read a form.
CONFLICT = "Rack::QueryParser::ParameterTypeError"

# Form bodies are split at ampersands alone (Rack::Request#POST), query strings at semicolons too.
_ASK = """
require "json"
require "rack"
abort unless Rack.release.start_with?("2.2.")
STDIN.each_line do |line|
  begin
    puts JSON.generate([Rack::Utils.parse_nested_query(JSON.parse(line)[0], "&")])
  rescue StandardError => error
    puts JSON.generate(error.class.name)
  end
end
"""

_WORDS = ("a", "a", "b", "c", "0", "1", "lead", "tags", "x y", "é")
_ORDERLY = (
    "",
    "[]",
    "[b]",
    "[c]",
    "[][b]",
    "[][c]",
    "[0][b]",
    "[b][]",
    "[b][c]",
    "[][b][]",
    "[b][][c]",
    "[][b][c]",
)
_PIECES = ("a", "b", "c", "é", " ", "[", "]", "[]", "[][", "][", "[[", "]]", "[b]", "[c]", "[][b]", "[b][]")
_ENCODED = ("+", "%5B", "%5d", "%C3%A9", "%20", "%25", "%26", "%3D", ";")
_VALUES = ("1", "2", "", "x+y", "%C3%A9", "a=b", "é", "3;4", "%26", " ")
_BROKEN = ("%", "%zz", "%C3", "%ff", "%0g")


def ask_rack(forms: Iterable[str]) -> list[Any] | None:
    """Rack's answer to each of *forms*: the tree in a list of one, or the name of what it raised.

    None where there is no Ruby with Rack 2.2 on this machine.
    """
    ruby = shutil.which("ruby")
    if ruby is None:
        return None
    asked = "".join(json.dumps([form]) + "\n" for form in forms)
    told = subprocess.run([ruby, "-e", _ASK], input=asked.encode(), stdout=subprocess.PIPE, check=False)
    return [json.loads(line) for line in told.stdout.splitlines()] if told.returncode == 0 else None


def some_forms(count: int, seed: int) -> list[str]:
    """*count* different forms: orderly ones as clients send them, and names that no client would think of."""
    chance = random.Random(seed)
    forms: dict[str, None] = {}
    while len(forms) < count:
        forms["&".join(_pair(chance) for _ in range(chance.randint(1, 5)))] = None
    return list(forms)


def _pair(chance: random.Random) -> str:
    if chance.random() < 0.5:
        name = chance.choice(_WORDS[:5]) + "".join(
            chance.choice(_ORDERLY) for _ in range(chance.randint(0, 2))
        )
    else:
        name = "".join(chance.choice(_PIECES) for _ in range(chance.randint(0, 7)))
    if chance.random() < 0.1:
        name += chance.choice(_ENCODED) + chance.choice(_PIECES)
    if chance.random() < 0.03:
        name = chance.choice((" ", "  ")) + name
    if chance.random() < 0.1:
        return name
    value = chance.choice(_VALUES)
    return f"{name}={value}{chance.choice(_BROKEN) if chance.random() < 0.01 else ''}"


def store_answers() -> None:
    """Ask about 2,400 forms and store what Rack says."""
    forms = some_forms(2_400, seed=22)
    answers = ask_rack(forms)
    if answers is None:
        raise SystemExit("install ruby-rack 2.2 first")
    lines = (
        json.dumps(pair, ensure_ascii=False, separators=(",", ":"))
        for pair in zip(forms, answers, strict=True)
    )
    ANSWERS.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    store_answers()
