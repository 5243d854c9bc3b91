"""Validation errors, said in the manner of the project: where, what was found, what to do next."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .problems import Problem, did_you_mean, dotted, shown

# pydantic's error type -> the type that TOML would have there.
_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dataclass_type": "a table",
    "date_type": "a date, such as 2026-11-23 without quotes",
    "date_from_datetime_inexact": "a date without a time, such as 2026-11-23",
}
_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def problems_of(error: ValidationError, model: type[BaseModel], where: str) -> list[Problem]:
    """Translate every error of one validation.

    Args:
        error: What pydantic found.
        model: The model that was validated, to know which fields there are.
        where: The file.

    Returns:
        One problem per place, in pydantic's order (that of the fields).
    """
    problems: dict[str, Problem] = {}
    for detail in error.errors(include_url=False):
        path, owner = _follow(model, detail["loc"])
        place = f"{where}, {dotted(path)}" if path else where
        what, mend = _say(detail, path, owner)
        # A value that may have several types yields one error per type; the reader needs one.
        problems.setdefault(place, Problem(place, what, mend))
    return list(problems.values())


def _say(detail: ErrorDetails, path: Sequence[str | int], owner: type[BaseModel] | None) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    field = str(path[-1]) if path else "the file"
    if kind == "gallery":
        return str(context["what"]), str(context["mend"])
    if kind == "missing":
        return "the field is missing", f"Add {field!r}"
    if kind == "extra_forbidden":
        known = sorted(_fields(owner)) if owner is not None else []
        listed = f"Remove it; known here are {', '.join(known)}" if known else "Remove it"
        return f"{field!r} is not a known field", did_you_mean(field, known, listed)
    found = shown(detail["input"])
    if kind == "literal_error" and "expected" in context:
        words = [word.strip("'\"") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return f"{found} is not allowed", did_you_mean(str(detail["input"]), words, f"Use one of {', '.join(words)}")
    if kind in _BOUNDS:
        key, words_of = _BOUNDS[kind]
        return f"{found} is out of range", f"Give a number {words_of} {context.get(key)}"
    if kind == "string_too_short" or (kind == "too_short" and context.get("min_length") == 1):
        return "the value is empty", f"Fill in {field!r}, or leave the field out where it is optional"
    if kind == "string_too_long":
        length = len(str(detail["input"]))
        return f"the text has {length} characters", f"Shorten it to {context.get('max_length')} or fewer"
    if kind == "string_pattern_mismatch":
        return f"{found} is not of the form {context.get('pattern')}", "Rewrite it in that form"
    if kind in _TYPES:
        header = ".".join(str(part) for part in path if isinstance(part, str))
        if _TYPES[kind] == "a list" and isinstance(detail["input"], dict):
            return "one table stands where a list of tables belongs", f"Write [[{header}]], with two brackets"
        if _TYPES[kind] == "a table" and isinstance(detail["input"], (list, tuple)):
            return "a list stands where one table belongs", f"Write [{header}], with one bracket"
        return f"{found} is not {_TYPES[kind]}", f"Write {_TYPES[kind]}"
    if kind.startswith("union_tag"):
        tags = [word.strip(" '\"") for word in str(context.get("expected_tags", "")).split(",")]
        tag = str(context.get("tag", ""))
        what = f"{tag!r} is not a known kind" if tag else "the field that tells its kind is missing"
        return what, did_you_mean(tag, tags, f"Use one of {', '.join(tags)}")
    if kind == "value_error":
        message = str(context.get("error", detail["msg"])).rstrip(".")
        return message, f"Mend {field!r}"
    return f"{found} does not fit here", f"See the documentation of {field!r}"


def _follow(model: type[BaseModel], location: Sequence[str | int]) -> tuple[list[str | int], type[BaseModel] | None]:
    """Turn pydantic's location into the file's path, and find the model that owns its last field.

    Locations also name union branches and tags, which are not in the file: a part that is neither a field nor a
    place in a list is dropped, unless it is the last (an unknown field).
    """
    path: list[str | int] = []
    options: list[Any] = [model]
    owner: type[BaseModel] | None = model
    for index, part in enumerate(location):
        last = index == len(location) - 1
        models = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
        if isinstance(part, int):
            path.append(part)
            options = [item for option in options for item in _items(option)]
            continue
        found = [(one, _fields(one)[part]) for one in models if part in _fields(one)]
        if found:
            owner = found[0][0]
            path.append(part)
            options = [choice for _, annotation in found for choice in _choices(annotation)]
            continue
        tables = [get_args(option)[1] for option in options if get_origin(option) is dict]
        if tables:
            path.append(part)
            options = [choice for value in tables for choice in _choices(value)]
        elif last and models:
            owner = models[0]
            path.append(part)
        elif not last:
            # A branch or tag of a union: keep only the models that could carry it.
            tagged = [one for one in models if one.__name__ == part or _has_tag(one, part)]
            options = list(tagged) or options
    return path, owner


def _fields(model: type[BaseModel] | None) -> dict[str, Any]:
    if model is None:
        return {}
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _has_tag(model: type[BaseModel], tag: str) -> bool:
    kind = model.model_fields.get("kind")
    return kind is not None and tag in get_args(kind.annotation)


def _choices(annotation: Any) -> list[Any]:
    """The types that a value of this annotation may have, unions and `Annotated` opened."""
    if get_origin(annotation) is Annotated:
        return _choices(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [choice for option in get_args(annotation) for choice in _choices(option)]
    return [annotation]


def _items(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (tuple, list):
        return _choices(get_args(annotation)[0])
    return []
