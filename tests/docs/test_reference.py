"""The reference pages hold everything that the code has, and what they show is right."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gallery_sdk import errors
from gallery_sdk.cli.root import SECTIONS
from gallery_sdk.expressions import FunctionRegistry
from gallery_sdk.manifest import VOCABULARY, manifest_json_schema
from gallery_sdk.manifest.behaviour import Quirk
from gallery_sdk.plugins.specs import ConnectorSpecs, HostSpecs
from gallery_sdk.reference import PAGES, build, render
from gallery_sdk.reference.__main__ import main
from gallery_sdk.reference.docstrings import parse_docstring

ROOT = Path(__file__).resolve().parents[2]


def sections(page: str) -> dict[str, str]:
    """Heading, without its marks, to what is below it."""
    parts = re.split(r"^#+ (.+)$", page, flags=re.MULTILINE)
    return {heading.strip("`"): body for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_hook_is_explained() -> None:
    """With the signature that an author writes, each parameter, and what is to be returned."""
    found = sections(render("hooks"))

    for specs in (ConnectorSpecs, HostSpecs):
        for name, hook in vars(specs).items():
            if name.startswith("gallery_"):
                assert f"def {name}(" in found[name]
                assert "self" not in found[name]
                for parameter in hook.__annotations__.keys() - {"return"}:
                    assert f"- `{parameter}`: " in found[name], (name, parameter)
                assert "**Returns**" in found[name] or hook.__annotations__["return"] == "None", name


def test_every_quirk_is_explained_by_what_the_client_does_and_an_example() -> None:
    """The example is a declaration that a manifest may hold."""
    found = sections(render("quirks"))

    for quirk_id, definition in VOCABULARY.items():
        text = found[quirk_id]
        assert f"**What the client does.** {definition.doc}" in text
        assert definition.value_type.describe() in text
        (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
        (declared,) = tomllib.loads(example)["quirk"]
        assert Quirk.model_validate(declared).id == quirk_id


def _fields(schema: Any) -> Iterator[tuple[str, str]]:
    for name, definition in {"Manifest": schema, **schema["$defs"]}.items():
        for field in definition.get("properties", {}):
            yield name, field


def test_every_field_of_the_manifest_is_in_its_table() -> None:
    """Field by field of the JSON Schema; as often as tables have a field of that name."""
    page = render("manifest")
    schema = manifest_json_schema()

    wanted: dict[str, int] = {}
    for _, field in _fields(schema):
        wanted[field] = wanted.get(field, 0) + 1
    assert {field: len(re.findall(rf"^\| `{field}` \|", page, re.MULTILINE)) for field in wanted} == wanted
    for header in ("`[transport]`", "`[[auth.method]]`", "`[[mapping.user]]` and `[[mapping.group]]`", "`[[quirk]]`"):
        assert f"\n## {header}\n" in page
    assert "any value" not in re.sub(r"^\| `(value|constant|default)` .*$", "", page, flags=re.MULTILINE)


def test_every_function_is_explained() -> None:
    """With its signature and a sentence."""
    found = sections(render("expressions"))

    for spec in FunctionRegistry():
        assert f"`{spec.signature}`" in found[spec.name]
        assert spec.documentation
        assert spec.documentation in found[spec.name]


def test_every_error_is_explained() -> None:
    """Each class of the tree with its first sentence."""
    found = sections(render("errors"))

    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.GalleryError)]
    assert len(classes) > 10
    for error in classes:
        assert (error.__doc__ or "").split(".")[0].split("\n")[0] in found[error.__name__]


def test_every_command_is_explained() -> None:
    """With its help, and those below a group as well."""
    found = sections(render("commands"))

    for name in (name for commands in SECTIONS.values() for name in commands):
        assert f"Usage: gallery {name}" in found[f"gallery {name}"]
    assert "gallery catalog build" in found


def test_pages_are_written_with_an_index(tmp_path: Path) -> None:
    """The command prints what it wrote, and the index leads to each page."""
    answer = CliRunner().invoke(main, ["--out", str(tmp_path / "reference")])

    assert answer.exit_code == 0
    assert sorted(answer.stdout.split()) == sorted(str(path) for path in (tmp_path / "reference").iterdir())
    index = (tmp_path / "reference" / "README.md").read_text("utf-8")
    for page in PAGES:
        assert f"({page}.md)" in index
        assert (tmp_path / "reference" / f"{page}.md").read_text("utf-8") == render(page)


def test_pages_are_the_same_each_time(tmp_path: Path) -> None:
    """Built twice, nothing differs."""
    first = {path.name: path.read_bytes() for path in build(tmp_path / "a")}

    assert {path.name: path.read_bytes() for path in build(tmp_path / "b")} == first


def test_built_pages_are_not_kept() -> None:
    """The documents say how to build them instead."""
    assert not (ROOT / "docs" / "reference").exists()
    assert "python -m gallery_sdk.reference" in (ROOT / "docs" / "write-a-connector.md").read_text("utf-8")


def test_a_docstring_is_told_apart_into_its_parts() -> None:
    """Several names may share an entry, and an entry may have several lines."""

    def documented() -> None:
        """Say something.

        More of it.

        Args:
            one, two: Both
                of them.
            three: Alone: with a colon.

        Returns:
            Nothing
            at all.
        """

    found = parse_docstring(documented)

    assert found.text == "Say something.\n\nMore of it."
    assert found.entries("Args") == {"one": "Both of them.", "two": "Both of them.", "three": "Alone: with a colon."}
    assert found.sections["Returns"] == "Nothing\nat all."


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_well_formed(page: str) -> None:
    """One title, no heading twice in a table of contents but by purpose, code blocks closed."""
    text = render(page)

    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert text.count("```") % 2 == 0
    assert text.endswith("\n")
