"""Which keys a model knows at a location: asked only when a file has an unknown one."""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from bot.config.document import Loc


def known_keys(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """List the keys that a model takes at a pydantic location, in the order of their declaration.

    Args:
        model: the model that the document was validated against.
        loc: where the mapping with the unknown key stands; may hold the names of a union's branches.
    """
    candidates: list[Any] = [model]
    for part in loc:
        flat = [each for candidate in candidates for each in _members(candidate)]
        inside = [each for candidate in flat for each in _inside(candidate, part)]
        candidates = inside or [each for each in flat if _tagged(each, part)] or flat
    names: dict[str, None] = {}
    for candidate in candidates:
        for each in _members(candidate):
            if _is_model(each):
                names.update(dict.fromkeys(_names(each)))
    return tuple(names)


def _members(annotation: Any) -> Iterator[Any]:
    """Take unions, annotations and type aliases apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for each in get_args(annotation):
            yield from _members(each)
    else:
        yield annotation


def _inside(annotation: Any, part: str | int) -> Iterator[Any]:
    origin = get_origin(annotation)
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if part in {name, field.alias}:
                yield field.annotation
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield get_args(annotation)[1]
    elif isinstance(part, int) and isinstance(origin, type) and issubclass(origin, Sequence):
        yield get_args(annotation)[0]


def _tagged(annotation: Any, tag: str | int) -> bool:
    """Tell whether a model is the branch of a union that a location names."""
    if not _is_model(annotation):
        return False
    words = [
        word
        for field in annotation.model_fields.values()
        if get_origin(field.annotation) is Literal
        for word in get_args(field.annotation)
    ]
    return tag in words or tag == annotation.__name__


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
