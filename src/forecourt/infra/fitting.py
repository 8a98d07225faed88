"""Holding what was sent against a struct: what fits, and a problem for each place that does not."""

from __future__ import annotations

import sys
import types
import typing
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import msgspec

from forecourt.infra.refusals import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

Struct = TypeVar("Struct", bound=msgspec.Struct)


def what_fits(
    sent: dict[str, Any], struct: type[Struct], path: str, *, strict: bool
) -> tuple[Struct, list[Problem]]:
    """The fields of *sent* that fit *struct*, one by one, and a problem for each place that does not.

    Args:
        sent: a decoded object.
        struct: none of whose fields is required.
        path: of the object from the body's root, for the problems.
        strict: False where all values are text, as in a form.
    """
    fitting: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in msgspec.structs.fields(struct):
        if field.name not in sent:
            continue
        value, place = sent[field.name], f"{path}.{field.name}"
        misfits = list(_misfits(value, field.type, place, strict=strict))
        problems += misfits
        if misfits and isinstance(value, dict):
            # What fits inside it is still held against the other rules.
            bad = {problem.field.removeprefix(f"{place}.") for problem in misfits}
            value = {name: inner for name, inner in value.items() if name not in bad}
            misfits = list(_misfits(value, field.type, "", strict=strict))
        if not misfits:
            fitting[field.name] = value
    return msgspec.convert(fitting, struct, strict=strict), problems


def _misfits(value: Any, kind: Any, path: str, *, strict: bool) -> Iterator[Problem]:  # noqa: ANN401
    """Every place in *value* that does not fit *kind*, deep inside included."""
    struct = _struct_in(kind)
    if struct is not None and isinstance(value, dict) and not _is_list(kind):
        for field in msgspec.structs.fields(struct):
            if field.name in value:
                yield from _misfits(value[field.name], field.type, f"{path}.{field.name}", strict=strict)
            elif field.required:
                yield Problem(f"{path}.{field.name}", "is missing")
        return
    if struct is not None and isinstance(value, list) and _is_list(kind):
        for index, item in enumerate(value):
            yield from _misfits(item, struct, f"{path}[{index}]", strict=strict)
        if len(value) <= _most(kind):
            return
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        yield Problem(path, _said(error, kind))


def _said(error: msgspec.ValidationError, kind: Any) -> str:  # noqa: ANN401
    """Msgspec's sentence, which holds types and bounds but no values, without its own path."""
    sentence = str(error).partition(" - at `")[0]
    if "matching regex" in sentence:
        shaped = (part for part in _parts(kind) if isinstance(part, msgspec.Meta) and part.pattern)
        return f"must be {next(shaped).title}"
    return sentence[:1].lower() + sentence[1:]


def _parts(kind: Any) -> Iterator[Any]:  # noqa: ANN401
    """*kind* and what it is made of: through unions, annotations and lists."""
    yield kind
    if get_origin(kind) in (typing.Union, types.UnionType, typing.Annotated, list):
        for part in get_args(kind):
            yield from _parts(part)


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:  # noqa: ANN401
    for part in _parts(kind):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return None


def _is_list(kind: Any) -> bool:  # noqa: ANN401
    return any(get_origin(part) is list for part in _parts(kind))


def _most(kind: Any) -> int:  # noqa: ANN401
    lengths = [part.max_length for part in _parts(kind) if isinstance(part, msgspec.Meta) and part.max_length]
    return lengths[0] if lengths else sys.maxsize
