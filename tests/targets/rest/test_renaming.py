"""One mapping, two APIs: columns by other names, and names for ids."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from gallery_sdk.manifest import parse_manifest
from gallery_sdk.targets import (
    ConnectionReport,
    Failure,
    MemberOutcome,
    Target,
    TargetCapabilities,
    TargetFailure,
    TargetFinding,
    TargetObject,
    TargetPage,
)
from gallery_sdk.targets.base import Canonical, Comparer
from gallery_sdk.targets.rest import Catalogue, RenamedTarget, renamed_manifest

NAMES = {"user": {"Login": "userName", "Plan": "entitlements.value"}, "group": {"Name": "displayName"}}
ADA: dict[str, object] = {"Login": "Ada", "Plan": "Full", "Alias": "a"}


class Inner:
    """A target that knows the other names; it remembers what it was asked."""

    requests_sent = 7
    findings: tuple[TargetFinding, ...] = ()

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.failure: TargetFailure | None = None

    @property
    def capabilities(self) -> TargetCapabilities:
        return TargetCapabilities(
            operations={"user": frozenset({"create"})},
            filterable_paths={"user": frozenset({"userName", "entitlements.value"})},
            list_omits={"user": frozenset({"userName"})},
        )

    async def open(self) -> None:
        self.asked.append(("open",))

    async def aclose(self) -> None:
        self.asked.append(("aclose",))

    async def test(self) -> ConnectionReport:
        return ConnectionReport.of("inner", ok=True)

    async def count(self, kind: str) -> int | None:
        return 3

    async def list_objects(self, kind: str, *, members: bool = False) -> AsyncIterator[TargetPage]:
        yield TargetPage([self.stored()], 1)

    async def find(self, kind: str, path: str, value: object) -> list[TargetObject]:
        self.asked.append(("find", path, value))
        return [self.stored()]

    async def read(self, kind: str, target_id: str, *, members: bool = False) -> TargetObject | None:
        return self.stored() if target_id == "1" else None

    async def create(self, kind: str, values: Mapping[str, object], *, members: Sequence[str] = ()) -> TargetObject:
        if self.failure is not None:
            raise self.failure
        self.asked.append(("create", dict(values)))
        return TargetObject(kind, "1", dict(values))

    async def update(
        self, kind: str, target_id: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> TargetObject | None:
        self.asked.append(("update", dict(before), dict(after)))
        return None

    async def delete(self, kind: str, target_id: str) -> None:
        self.asked.append(("delete", target_id))

    async def read_members(self, target_id: str) -> set[str]:
        return {"m"}

    async def change_members(
        self, target_id: str, add: Sequence[str], remove: Sequence[str], *, current_size: int
    ) -> MemberOutcome:
        return MemberOutcome(tuple(add), tuple(remove))

    def canonical(self, kind: str) -> Canonical | None:
        return lambda values: {path: str(value).lower() for path, value in values.items()}

    def comparer(self, kind: str) -> Comparer | None:
        return lambda path, old, new: path == "userName" and str(old).lower() == str(new).lower()

    def estimate(self, operation: str, kind: str, *, members: int = 0) -> int:
        return 5

    @staticmethod
    def stored() -> TargetObject:
        return TargetObject("user", "1", {"userName": "ada", "entitlements.value": "p1", "nickName": "not mapped"})


@pytest.fixture
def inner() -> Inner:
    return Inner()


@pytest.fixture
def target(inner: Inner) -> RenamedTarget:
    async def plans() -> list[tuple[str, str]]:
        return [("p1", "Full"), ("p2", "Free")]

    return RenamedTarget(inner, NAMES, catalogues={"Plan": Catalogue("plan", plans, mend="Make it first")})


def test_it_is_a_target(target: RenamedTarget) -> None:
    """The engine can use it as any other."""
    assert isinstance(target, Target)
    assert target.requests_sent == 7
    assert target.estimate("create", "user") == 5


def test_capabilities_go_by_the_mappings_names(target: RenamedTarget) -> None:
    """A column of names is not filterable, since the other side holds ids."""
    assert target.capabilities.filterable("user") == {"Login"}
    assert target.capabilities.list_omits == {"user": frozenset({"Login"})}


async def test_values_go_in_and_come_out_by_their_names(target: RenamedTarget, inner: Inner) -> None:
    """What the other API does not know is not sent to it."""
    created = await target.create("user", ADA)
    await target.update("user", "1", ADA, {**ADA, "Plan": "Free"})

    assert created.values == ADA
    assert inner.asked == [
        ("create", {"userName": "Ada", "entitlements.value": "p1"}),
        (
            "update",
            {"userName": "Ada", "entitlements.value": "p1"},
            {"userName": "Ada", "entitlements.value": "p2"},
        ),
    ]
    (page,) = [page async for page in target.list_objects("user")]
    assert page.objects[0].values == {"Login": "ada", "Plan": "Full"}
    assert await target.read("user", "2") is None


async def test_look_ups_go_by_the_other_name(target: RenamedTarget, inner: Inner) -> None:
    """And by the other value, where there is one."""
    found = await target.find("user", "Login", "Ada")
    await target.find("user", "Plan", "Free")

    assert [one.values["Login"] for one in found] == ["ada"]
    assert inner.asked == [("find", "userName", "Ada"), ("find", "entitlements.value", "p2")]


async def test_an_unknown_name_fails_the_object(target: RenamedTarget, inner: Inner) -> None:
    """Only what was there before may have lost its name meanwhile."""
    with pytest.raises(TargetFailure, match="no plan 'Gold'"):
        await target.create("user", {**ADA, "Plan": "Gold"})

    await target.update("user", "1", {**ADA, "Plan": "Gold"}, ADA)
    assert inner.asked[0][1] == {"userName": "Ada", "entitlements.value": "Gold"}


async def test_refused_attributes_are_named_by_the_mapping(target: RenamedTarget, inner: Inner) -> None:
    """So that the engine leaves the right columns out."""
    inner.failure = TargetFailure("no", "here", "mend", failure=Failure.ATTRIBUTE, attributes=("userName",))

    with pytest.raises(TargetFailure) as caught:
        await target.create("user", ADA)

    assert caught.value.attributes == ("Login",)


def test_values_are_normalised_and_compared_as_the_other_api_does(target: RenamedTarget) -> None:
    """Columns that it does not know never differ; names are compared as names."""
    canonical, equal = target.canonical("user"), target.comparer("user")
    assert canonical is not None
    assert equal is not None

    assert canonical(ADA) == {"Login": "ada", "Plan": "Full", "Alias": "a"}
    assert equal("Login", "Ada", "ADA")
    assert equal("Alias", "a", "b")
    assert equal("Plan", "full", "Full")
    assert not equal("Plan", "Free", "Full")


async def test_the_rest_is_the_inner_targets(target: RenamedTarget, inner: Inner) -> None:
    """Nothing is lost on the way."""
    await target.open()
    await target.delete("user", "1")
    await target.aclose()

    assert inner.asked == [("open",), ("delete", "1"), ("aclose",)]
    assert (await target.test()).ok
    assert await target.count("user") == 3
    assert await target.read_members("g") == {"m"}
    assert (await target.change_members("g", ["a"], ["b"], current_size=1)).added == ("a",)


def test_a_manifest_is_renamed_with_schema_mappings_and_filters() -> None:
    """Columns without a name on the other side are left out; the manifest that was given stays as it is."""
    manifest = parse_manifest(
        """\
schema = 1
slug = "fabrikam-crm"
name = "Fabrikam CRM"
version = "1.0.0"
[capabilities]
user = ["read", "create"]
features = ["filter:Login-eq", "filter:Alias-eq", "paging:cursor"]
[transport]
kind = "rest"
base_url = "https://crm.fabrikam.example"
allowed_hosts = ["crm.fabrikam.example"]
[[attribute.user]]
name = "Login"
max_length = 20
[[attribute.user]]
name = "Alias"
[[mapping.user]]
target = "Login"
source = "mail"
match = 1
[[mapping.user]]
target = "Alias"
source = "nick"
""",
        "connector.toml",
    )

    renamed = renamed_manifest(manifest, NAMES, manifest.transport.model_copy(update={"kind": "scim2"}))

    assert renamed.transport.kind == "scim2"
    assert [(one.name, one.max_length) for one in renamed.target_schema["user"]] == [("userName", 20)]
    assert [(one.target, one.source, one.match) for one in renamed.mappings["user"]] == [("userName", "mail", 1)]
    assert renamed.capabilities.filters == {"userName"}
    assert [one.target for one in manifest.mappings["user"]] == ["Login", "Alias"]
