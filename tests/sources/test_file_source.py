"""Snapshots, counts, look-ups and what happens when files change."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_sdk.errors import ConfigError, SourceError
from gallery_sdk.sources import Source, SourceConfig, SourceRegistry, open_source
from gallery_sdk.sources.duplicates import SeenKeys
from gallery_sdk.sources.files import SourceFile

Open = Callable[..., Any]
Read = Callable[..., Any]
Find = Callable[..., Any]

PEOPLE = (
    "id,userPrincipalName,mail,displayName\n1,ada@x.test,a.l@x.test,Ada\n2,bo@x.test,bo@x.test,Bo\n3,c@x.test,,Bo\n"
)


def test_a_missing_file_is_named_with_its_place(tmp_path: Path) -> None:
    """It is told at once, and not in the middle of a cycle."""
    with pytest.raises(SourceError, match=r"people\.csv: there is no such file") as caught:
        open_source(SourceConfig(kind="csv", users="people.csv"), tmp_path)

    assert str(tmp_path / "people.csv") in caught.value.mend


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """The system's error becomes one that can be mended."""
    with pytest.raises(SourceError, match=r"cannot be opened"):
        open_source(SourceConfig(kind="csv", users="."), tmp_path)


def test_an_empty_file_is_believed_only_when_that_is_allowed(open_files: Open, read_all: Read) -> None:
    """`safety.allow_empty` opens the source with that permission."""
    assert read_all(open_files(users="id,name\n", allow_empty=True)) == ([], [])
    assert read_all(open_files("jsonl", users="", allow_empty=True)) == ([], [])
    assert read_all(open_files(users="id,name\n1,a\n"), "group") == ([], [])


def test_pages_hold_what_was_asked_for(open_files: Open) -> None:
    """A page never holds more than `size` rows, and no row is missing between pages."""
    source = open_files(users="id\n" + "".join(f"{number}\n" for number in range(10)))

    async def read() -> list[list[str]]:
        return [[one.id for one in page.objects] async for page in source.pages("user", size=4)]

    assert asyncio.run(read()) == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9"]]


def test_a_snapshot_changes_with_content_and_only_with_it(open_files: Open, tmp_path: Path) -> None:
    """Touching a file changes nothing; a change of one letter in any file does, even within one tick of the clock."""
    source = open_files(users=PEOPLE, groups="id,name\ng,G\n", members="g,u\ng,1\n")
    first = source.snapshot()

    os.utime(tmp_path / "users", ns=(1, 1))
    touched = source.snapshot()
    (tmp_path / "members").write_text("g,u\ng,2\n")
    changed = source.snapshot()
    (tmp_path / "members").write_text("g,u\ng,1\n")

    assert touched == first
    assert changed != first
    assert source.snapshot() == first


def test_a_digest_is_kept_only_when_the_time_stamp_can_be_trusted(tmp_path: Path) -> None:
    """A file that was written a moment ago may be written again without a new time stamp."""
    path = tmp_path / "f"
    path.write_text("one")
    os.utime(path, ns=(10_000_000_000, 10_000_000_000))
    old = SourceFile(path, "f", "utf-8", clock=lambda: 20_000_000_000)
    fresh = SourceFile(path, "f", "utf-8", clock=lambda: 10_500_000_000)
    digests = old.digest(), fresh.digest()

    path.write_text("two")
    os.utime(path, ns=(10_000_000_000, 10_000_000_000))

    assert old.digest() == digests[0]  # told apart by nothing; the clock said that it was settled
    assert fresh.digest() != digests[1]


def test_a_file_that_is_altered_while_it_is_read_is_refused(open_files: Open, tmp_path: Path) -> None:
    """The rows read so far and those to come are of two different exports."""
    source = open_files(users="id\n" + "".join(f"{number}\n" for number in range(10)))

    async def read() -> None:
        async for page in source.pages("user", size=4):
            if page.objects[0].id == "0":
                with (tmp_path / "users").open("a") as file:
                    file.write("11\n")

    with pytest.raises(SourceError, match="altered while it was read"):
        asyncio.run(read())


def test_a_file_that_is_replaced_while_it_is_read_is_read_on_in_its_old_version(
    open_files: Open, tmp_path: Path
) -> None:
    """An export that renames its file when it is complete never disturbs a cycle."""
    source = open_files(users="id\n" + "".join(f"{number}\n" for number in range(10)))

    async def read() -> list[str]:
        ids: list[str] = []
        async for page in source.pages("user", size=4):
            ids += [one.id for one in page.objects]
            (tmp_path / "new").write_text("id\n99\n")
            (tmp_path / "new").replace(tmp_path / "users")
        return ids

    assert asyncio.run(read()) == [str(number) for number in range(10)]


def test_a_read_that_is_given_up_closes_its_files(open_files: Open) -> None:
    """Leaving the loop leaves nothing open (warnings about open files are errors)."""
    source = open_files(groups="id\n" + "".join(f"{number}\n" for number in range(10)), members="g,u\n1,1\n")

    async def read() -> None:
        pages = source.pages("group", size=4)
        await anext(pages)
        await pages.aclose()

    asyncio.run(read())


@pytest.mark.parametrize(
    ("key", "found"),
    [("1", "1"), ("ADA@x.test", "1"), ("a.l@x.test", "1"), ("bo@x.test", "2"), ("Ada", "1"), ("nobody", None)],
)
def test_an_object_is_found_by_its_key_or_by_a_name(key: str, found: str | None, open_files: Open, find: Find) -> None:
    """Names are compared without case; the key is exact and goes first."""
    one = find(open_files(users=PEOPLE), key)

    assert (one.id if one else None) == found


def test_a_name_that_several_people_have_is_not_guessed_at(open_files: Open, find: Find) -> None:
    """Provisioning the wrong person is worse than asking."""
    with pytest.raises(SourceError, match="2 objects have this displayName"):
        find(open_files(users=PEOPLE), "bo")


def test_a_person_whose_row_is_broken_is_not_taken_for_absent(open_files: Open, find: Find) -> None:
    """Neither when the key can be read, nor when it cannot."""
    with pytest.raises(SourceError, match="row 3: has 1 cells"):
        find(open_files(users="id,name\n1,a\n2\n3,c\n"), "2")
    with pytest.raises(SourceError, match="could not be read"):
        find(open_files(users="id,name\n1,a\n,b\n3,c\n"), "2")


def test_a_group_is_found_with_its_members(open_files: Open, find: Find) -> None:
    """On-demand provisioning of a group needs them."""
    source = open_files(groups="id,displayName\ng,Team\n", members="groupId,userId\ng,1\n")

    assert find(source, "team", "group").members == ("1",)


def test_references_by_another_attribute_are_told(open_files: Open) -> None:
    """The engine resolves a manager that is named by user name."""
    source = open_files(users=PEOPLE, options={"references": {"manager": "userPrincipalName"}})

    assert source.reference_key("manager") == "userPrincipalName"
    assert source.reference_key("assistant") is None
    assert source.reference_attributes == ("userPrincipalName",)


def test_columns_and_counts_are_known_before_reading(open_files: Open) -> None:
    """For progress, for checks of scope and mappings."""
    source = open_files(users=PEOPLE, groups="id,members\ng,1\n")

    assert source.attributes("user") == ("id", "userPrincipalName", "mail", "displayName")
    assert source.attributes("group") == ("id",)
    assert (source.count("user"), source.count("group"), source.count("device")) == (3, 1, None)


def test_lines_have_the_attributes_of_a_sample(open_files: Open) -> None:
    """The header of JSON Lines is what its lines hold; a last line without its end counts."""
    source = open_files("jsonl", users='{"id": 1}\n{"id": 2, "name": {"givenName": "A"}}')

    assert source.attributes("user") == ("id", "name.givenName")
    assert source.count("user") == 2


def test_files_keep_no_changes(open_files: Open) -> None:
    """The interface leaves room for sources that do."""
    source = open_files(users=PEOPLE)

    async def read() -> None:
        async for _ in source.changes("user", None):
            pass

    assert not source.supports_delta
    with pytest.raises(SourceError, match="no record of changes"):
        asyncio.run(read())


def test_file_sources_are_sources(open_files: Open) -> None:
    """The protocol can be asked for at run time, for plugins."""
    assert isinstance(open_files(users=PEOPLE), Source)


def test_a_plugin_adds_a_kind_and_cannot_take_one_away(open_files: Open, tmp_path: Path) -> None:
    """Who reads people from where is never ambiguous."""
    registry = SourceRegistry()
    ready = open_files(users=PEOPLE)
    registry.register("hr", lambda config, base, allow_empty: ready)

    assert open_source(SourceConfig(kind="hr", options={"tenant": "t"}), tmp_path, registry) is ready
    with pytest.raises(ConfigError, match="already registered"):
        registry.register("csv", lambda config, base, allow_empty: ready)
    with pytest.raises(ConfigError, match="Did you mean 'csv'"):
        open_source(SourceConfig(kind="cvs"), tmp_path, registry)


@pytest.mark.parametrize("options", [{"users": None}, {"options": {"x": 1}}], ids=["no-file", "options"])
def test_a_table_that_does_not_fit_its_kind_is_refused(options: dict[str, Any], tmp_path: Path) -> None:
    """Nothing that a team writes is silently without effect."""
    with pytest.raises(ConfigError):
        open_source(SourceConfig.model_validate({"kind": "csv", "users": "people.csv", **options}), tmp_path)


def test_seen_keys_tell_every_key_that_comes_twice() -> None:
    """Through many enlargements."""
    seen = SeenKeys()
    keys = [f"key {number}" for number in range(30_000)]

    assert all(seen.add(key) for key in keys)
    assert not any(seen.add(key) for key in keys)
    assert seen.add("another")


def test_two_keys_with_one_hash_are_not_taken_for_one(
    open_files: Open, read_all: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspicion is verified in the file before a read is refused."""
    monkeypatch.setattr(SeenKeys, "add", lambda self, key: False)

    objects, _ = read_all(open_files(users=PEOPLE))

    assert [one.id for one in objects] == ["1", "2", "3"]


def test_memory_does_not_grow_with_the_file(open_files: Open) -> None:
    """Ten times the people cost some bytes for each key, not their rows."""

    def peak(people: int) -> int:
        source = open_files(users="id,text\n" + "".join(f"{number},{'x' * 200}\n" for number in range(people)))

        async def read() -> None:
            async for _ in source.pages("user"):
                pass

        tracemalloc.start()
        asyncio.run(read())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) - peak(2_000) < 18_000 * 64
