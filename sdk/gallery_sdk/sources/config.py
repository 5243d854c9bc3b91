"""The `[source]` table of an app's file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

_Text = Annotated[str, Field(min_length=1)]


class SourceConfig(BaseModel):
    """Where an app's people come from.

    Attributes:
        kind: "csv", "jsonl", or a kind that a plugin registers.
        users, groups: Files, relative to the team's folder.
        members: A file of memberships, group id and user id on each row. Without it, the groups file may have
            an attribute `members`.
        key: The attribute that holds the immutable key; default: the first present of id, objectId, employeeId.
        group_key: The same for groups; default: `key` if groups have it, else id or objectId.
        encoding: Of all files.
        delimiter: Between cells of a CSV file.
        separator: Between the values of a multi-valued cell.
        multi_valued: CSV columns whose cells hold several values.
        references: Which attribute of the other object a reference holds, where that is not its key, for
            example `manager = "userPrincipalName"`.
        options: What a plugin's source needs; csv and jsonl take none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: _Text
    users: _Text | None = None
    groups: _Text | None = None
    members: _Text | None = None
    key: _Text | None = None
    group_key: _Text | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    separator: str = "|"
    multi_valued: tuple[_Text, ...] = ()
    references: dict[str, _Text] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            b"".decode(value)
        except LookupError:
            raise ValueError("is not an encoding of text; examples are utf-8, utf-16, cp1252") from None
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_delimiter(cls, value: str) -> str:
        value = {"tab": "\t", "\\t": "\t"}.get(value.lower(), value)
        if len(value) != 1 or value in '"\r\n':
            raise ValueError('must be one character, or "tab"')
        return value

    @field_validator("separator")
    @classmethod
    def _some_separator(cls, value: str) -> str:
        if not value or value in '"\r\n':
            raise ValueError("must be at least one character that values do not contain")
        return value
