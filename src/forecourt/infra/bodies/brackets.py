"""Forms whose names hold brackets, read to the tree that Ruby's Rack 2.2 reads (``parse_nested_query``).

``lead[tags][]=a`` is a list under ``tags``; ``files[][file]=x`` opens a new item of a list whenever the last one has
that member already. Malformed names are read as Rack reads them, since somebody may rely on it: brackets before a
word and closing ones after it say nothing, a name without any word is dropped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from forecourt.infra.bodies import limits
from forecourt.infra.refusals import BadBody

if TYPE_CHECKING:
    from collections.abc import Iterable

    Steps = list[tuple[str, str]]

# A word, and the brackets after it but for the closing ones that only end the word.
_STEP = re.compile(r"([^\[\]]++)\]*+([\[\]]*+)")
_Holder = TypeVar("_Holder", dict[str, Any], list[Any])


class ConflictingNames(BadBody):
    """A form names the same place as a text, a list or an object at once."""

    code = "conflicting-names"
    title = "The form's names contradict each other"


class BadName(BadBody):
    """A form's name holds a line break, around which Rack reads brackets anew."""

    code = "bad-name"
    title = "A name of the form cannot be read"


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The tree that a form's *pairs* of name and value say.

    Raises:
        ConflictingNames: two names give one place two kinds.
        BadName: a name holds a line break.
        TooDeep, TooManyValues, KeyTooLong: beyond a limit.
    """
    form = _Form()
    for name, value in pairs:
        form.store(name, value)
    return form.tree


def indexed(value: Any) -> Any:  # noqa: ANN401 - whatever a form holds
    """``{"0": a, "1": b}`` as ``[a, b]``, in the order of the numbers; anything else as it is.

    Rails reads nested attributes so: its forms number the items of a list.
    """
    if isinstance(value, dict) and value and all(key.isascii() and key.isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value


class _Form:
    """A form's tree, growing name by name."""

    def __init__(self) -> None:
        self.tree: dict[str, Any] = {}
        self._values = 0

    def store(self, name: str, value: Any) -> None:  # noqa: ANN401
        """Put *value* where *name* says."""
        self._count()
        steps = _steps(name)
        if not steps:
            return
        here = self._walk(name, steps)
        word, brackets = steps[-1]
        if brackets == "":
            here[word] = value
        elif brackets == "[":
            # The name itself is then the key, but for what led here.
            before = steps[-2][1].removeprefix("[]") if len(steps) > 1 else name[: name.index(word)]
            here[before + name[name.rindex(word) :]] = value
        elif brackets == "[]":
            self._at(here, word, list).append(value)
        elif brackets.startswith("[]"):
            self._append_unnamed(self._at(here, word, list), brackets[2:], value)
        else:
            self._at(here, word, dict)
            here[word] = None

    def _walk(self, name: str, steps: Steps) -> dict[str, Any]:
        """The object that the last of *name*'s *steps* is taken from."""
        here = self.tree
        lists = [at for at, (_, brackets) in enumerate(steps) if "[]" in brackets] if "[]" in name else []
        for at, (word, brackets) in enumerate(steps[:-1]):
            if brackets.startswith("[]"):
                items = self._at(here, word, list)
                last = items[-1] if items else None
                # What leads to another list goes into the same item: nobody can say whether that has it already.
                inside = at < lists[-1] or "[]" in brackets[2:]
                if isinstance(last, dict) and (inside or not _has(last, steps[at + 1 :])):
                    here = last
                else:
                    self._count()
                    here = {}
                    items.append(here)
            else:
                inner = here.get(word)
                here = inner if isinstance(inner, dict) else self._at(here, word, dict)
        return here

    def _at(self, holder: dict[str, Any], word: str, kind: type[_Holder]) -> _Holder:
        """The object or list under *word*, made where there is none."""
        found = holder.get(word)
        if found is None:
            self._count()
            found = holder[word] = kind()
        if not isinstance(found, kind):
            raise ConflictingNames(f"{word[: limits.KEY_CHARACTERS]!a} is of two kinds: text, list or object")
        return found

    def _append_unnamed(self, items: list[Any], brackets: str, value: Any) -> None:  # noqa: ANN401
        """``a[][]`` and worse: a list in a list, or nothing to speak of."""
        if items and isinstance(items[-1], dict) and "[]" in brackets:
            return
        self._count()
        items.append([value] if brackets == "[]" and value is not None else None)

    def _count(self) -> None:
        self._values += 1
        if self._values > limits.VALUES:
            raise limits.TooManyValues


def _steps(name: str) -> Steps:
    """The words in *name*, each with the brackets after it."""
    if name.count("[") >= limits.DEPTH:
        raise limits.TooDeep
    steps = _STEP.findall(name)
    if len(name) > limits.KEY_CHARACTERS and (
        len(name) > limits.NAME_CHARACTERS or any(len(word) > limits.KEY_CHARACTERS for word, _ in steps)
    ):
        raise limits.KeyTooLong
    if "\n" in name:
        raise BadName("a name must not hold a line break")
    return steps


def _has(item: dict[str, Any], steps: Steps) -> bool:
    """Whether the member that *steps* lead to is there."""
    found: Any = item
    for word, _ in steps:
        if not isinstance(found, dict) or word not in found:
            return False
        found = found[word]
    return True
