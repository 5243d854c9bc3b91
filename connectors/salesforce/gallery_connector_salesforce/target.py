"""Salesforce by its object REST API: users, public groups, and the rows that tie them together.

Sources, read on 2026-11-23: the REST API guide (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/),
the object reference (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from gallery_sdk.errors import GalleryError
from gallery_sdk.targets import Canonical, Failure, TargetFailure
from gallery_sdk.targets.rest import (
    Catalogue,
    Grants,
    Junction,
    NamedReference,
    Probe,
    Record,
    RecordPage,
    RestTarget,
    follow,
    refused_here,
)
from gallery_sdk.transport import Request, Response

from .probes import probes
from .quirks import developer_name, is_address, literal, long_id, select, spell, used_requests
from .rows import RowTable

if TYPE_CHECKING:
    from gallery_sdk.manifest import Manifest
    from gallery_sdk.transport import Transport

_OBJECTS: Final = {"user": "User", "group": "Group"}
_PEOPLE: Final = "UserType IN ('Standard', 'CsnOnly')"
"""Guests, portal users and automated processes are no people of the directory (ConductorOne/baton-salesforce)."""
_LISTED: Final = {"user": _PEOPLE, "group": "Type = 'Regular'"}
_ID_COLUMNS: Final = ("ProfileId", "UserRoleId", "ManagerId")


class SalesforceTarget(RestTarget):
    """Users and public groups of one organization."""

    page_size = 2000

    def __init__(
        self, manifest: Manifest, transport: Transport, paths: Mapping[str, Sequence[str]], settings: Mapping[str, str]
    ) -> None:
        """Nothing is sent yet; `settings` are the values of `[[config.input]]`."""
        super().__init__(manifest, transport, paths, spell=spell)
        self.data = f"/services/data/v{settings['api_version']}"
        self._reserve = int(settings["daily_reserve_percent"]) / 100
        self._mails = settings["send_password_mail"] == "true"  # noqa: S105 - a choice, not a secret
        self._addresses = manifest.quirks_for("user").has("username.is_email")
        self._freezes = settings["freeze_when_refused"] == "true"
        defaults = [one.default for one in manifest.mappings["user"] if one.target == "LocaleSidKey"]
        self._locale = defaults[0] if defaults and defaults[0] else "en_US"
        self._usage: tuple[int, int] | None = None
        self._unconfirmed: dict[str, str] = {}
        self.connection.observe = self._note_usage
        self.deactivation = {"IsActive": False}
        self._profiles = self._catalogue("profile", "SELECT Id, Name FROM Profile")
        self.named["user"] = {
            "ProfileName": NamedReference("ProfileId", self._profiles),
            "UserRoleName": NamedReference("UserRoleId", self._catalogue("role", "SELECT Id, Name FROM UserRole")),
        }
        # A profile owns a permission set, and a group of permission sets another: neither is assigned by itself.
        sets = RowTable(self, "PermissionSetAssignment", "AssigneeId", "PermissionSetId",
                        "PermissionSetGroupId = null AND PermissionSet.IsOwnedByProfile = false")  # fmt: skip
        groups = RowTable(self, "PermissionSetAssignment", "AssigneeId", "PermissionSetGroupId",
                          "PermissionSetGroupId != null")  # fmt: skip
        of_sets = "SELECT Id, Name FROM PermissionSet WHERE IsOwnedByProfile = false AND Type != 'Group'"
        of_groups = "SELECT Id, DeveloperName FROM PermissionSetGroup"
        grants = {
            "PermissionSets": Grants(Junction(sets), self._catalogue("permission set", of_sets)),
            "PermissionSetGroups": Grants(Junction(groups), self._catalogue("permission set group", of_groups)),
        }
        self.grants["user"] = {name: grant for name, grant in grants.items() if name in self.columns["user"].names}
        self._members = RowTable(self, "GroupMember", "GroupId", "UserOrGroupId")
        self.membership = Junction(self._members)

    # -- reading -----------------------------------------------------------------------------------------

    async def query(self, soql: str, operation: str, kind: str) -> AsyncIterator[RecordPage]:
        """The records of a query, page by page; the next page is named by the answer."""

        async def fetch(at: str | None) -> RecordPage:
            request = Request(
                "GET",
                at or f"{self.data}/query",
                params=None if at else [("q", soql)],
                headers={"Sforce-Query-Options": f"batchSize={self.page_size}"},
                label=f"{operation} {kind}",
                template="/services/data/query",
            )
            needs = {"records": list, "totalSize": int, "done": bool}
            body = await self.connection.fetch_object(request, operation, kind, needs=needs)
            following = body.get("nextRecordsUrl")
            if not body["done"] and not following:
                raise _cut_off(operation, kind)
            return RecordPage(body["records"], following, body["totalSize"])

        async for page in follow(fetch, where=f"{operation} {kind}"):
            yield page

    async def records(self, soql: str, operation: str, kind: str) -> list[Record]:
        """All records of a query that has few."""
        return [record async for page in self.query(soql, operation, kind) for record in page.records]

    def id_of(self, record: Record) -> str:
        """The id of a record."""
        return str(record["Id"])

    def record_pages(self, kind: str) -> AsyncIterator[RecordPage]:
        """All people, or all public groups."""
        return self.query(select(self._fields(kind), _OBJECTS[kind], _LISTED[kind]), "list", kind)

    async def search(self, kind: str, name: str, value: object) -> Sequence[Record]:
        """Records by a field; users of any type, since a user name that a guest has is taken too."""
        also = "" if kind == "user" else _LISTED[kind]
        soql = select(self._fields(kind), _OBJECTS[kind], f"{name} = {literal(value)}", also, limit=5)
        return await self.records(soql, "find", kind)

    async def fetch_record(self, kind: str, target_id: str) -> Record | None:
        """One record by its id."""
        request = self._request("GET", kind, target_id, params=[("fields", self._fields(kind).replace(" ", ""))])
        return await self.connection.fetch_object(request, "read", kind, needs={"Id": str})

    async def count(self, kind: str) -> int | None:
        """How many a listing will have."""
        async for page in self.query(select("COUNT()", _OBJECTS[kind], _LISTED[kind]), "list", kind):
            return page.total
        return None

    def believed(self, kind: str, record: Record) -> Record:
        """The address that was sent, in place of the old one that stands until the user confirms the new one."""
        waiting = self._unconfirmed.get(str(record["Id"])) if kind == "user" else None
        return record if waiting is None or "Email" not in record else {**record, "Email": waiting}

    def _fields(self, kind: str) -> str:
        apart = {**self.grants[kind], **self.named[kind]}
        names = [name for name in self.columns[kind].names if name not in apart]
        names += [one.field for name, one in self.named[kind].items() if name in self.columns[kind].names]
        return ", ".join(dict.fromkeys(["Id", *names]))

    # -- writing -----------------------------------------------------------------------------------------

    async def insert(self, kind: str, body: dict[str, object]) -> str:
        """Make a record. Reads may miss it for a moment, so the id of the answer is all that is used."""
        self.heed_reserve()
        self._check_username(body)
        if kind == "group":
            name = str(body.get("Name", ""))
            body = {
                "DeveloperName": developer_name(name, mark=f"{crc32(name.encode()):08x}"),
                **body,
                "Type": "Regular",
            }
        try:
            answer = await self._post(kind, body)
        except TargetFailure as failure:
            if failure.failure is not Failure.ATTRIBUTE or failure.attributes != ("LocaleSidKey",):
                raise
            self.connection.log.add("value_left_out", "user LocaleSidKey", "the default is taken")
            answer = await self._post(kind, {**body, "LocaleSidKey": self._locale})
        made = long_id(answer["id"])
        if self._mails and kind == "user":
            await self._mail_password(made)
        return made

    async def _post(self, kind: str, body: dict[str, object]) -> dict[str, Any]:
        request = self._request("POST", kind, json=body)
        return await self.connection.fetch_object(request, "create", kind, needs={"id": str}, paths=body)

    async def change(self, kind: str, target_id: str, body: dict[str, object]) -> None:
        """Change fields of a record."""
        self.heed_reserve()
        self._check_username(body)
        try:
            await self.connection.send(self._request("PATCH", kind, target_id, json=body), "update", kind, paths=body)
        except TargetFailure as failure:
            is_refused = failure.failure in (Failure.OBJECT, Failure.ATTRIBUTE, Failure.SKIP)
            if not self._freezes or not is_refused or body != {"IsActive": False}:
                raise
            await self._freeze(target_id, frozen=True)
            self.connection.log.add("value_not_taken", "user IsActive", "frozen instead")
            return
        if self._freezes and body.get("IsActive") is True:
            await self._freeze(target_id, frozen=False)
        if kind == "user" and body.get("Email"):
            await self._look_for_confirmation(target_id, str(body["Email"]))

    async def remove(self, kind: str, target_id: str) -> None:
        """Delete a group; users are deactivated instead, see `capabilities`."""
        self.heed_reserve()
        await self.connection.send(self._request("DELETE", kind, target_id), "delete", kind)

    def member_requests(self, members: int) -> int:
        """One for each 200 members."""
        return self._members.requests(members)

    def canonical(self, kind: str) -> Canonical | None:
        """Ids in their long form, as they are read back."""
        names = [name for name in _ID_COLUMNS if name in self.columns[kind].names]
        inner = super().canonical(kind)
        if not names:
            return inner

        def canonical(values: dict[str, object]) -> dict[str, object]:
            values = dict(values)
            for name in names:
                value = values.get(name)
                if isinstance(value, str):
                    values[name] = long_id(value)
            return values if inner is None else inner(values)

        return canonical

    def _check_username(self, body: Mapping[str, object]) -> None:
        if self._addresses and "Username" in body and not is_address(str(body["Username"])):
            raise refused_here(
                "Username must have the form of an e-mail address, and this one has not",
                "user Username",
                "Map Username from an attribute that holds an e-mail address",
            )

    async def _look_for_confirmation(self, target_id: str, sent: str) -> None:
        """See whether the new address waits for the user's confirmation: success then changed nothing yet.

        Source: https://learn.microsoft.com/entra/identity/saas-apps/salesforce-provisioning-tutorial
        """
        request = self._request("GET", "user", target_id, params=[("fields", "Id,Email")])
        try:
            record = await self.connection.fetch_object(request, "read", "user")
        except GalleryError:
            return  # the change itself was made, and making it again would mail the user again
        if str(record.get("Email", "")).casefold() == sent.casefold():
            self._unconfirmed.pop(target_id, None)
            return
        self._unconfirmed[target_id] = sent
        self.connection.log.add("value_not_taken", "user Email", "waits for the user's confirmation")

    async def _mail_password(self, target_id: str) -> None:
        """Have Salesforce mail the user a link; an account without the mail is an account all the same."""
        path = f"{self.data}/sobjects/User/{target_id}/password"
        request = Request("DELETE", path, label="reset password", template="/services/data/sobjects/User/{id}/password")
        try:
            await self.connection.send(request, "update", "user")
        except GalleryError as error:
            self.connection.log.add("value_not_taken", "user password mail", error.what)

    async def _freeze(self, target_id: str, *, frozen: bool) -> None:
        soql = select("Id, IsFrozen", "UserLogin", f"UserId = {literal(target_id)}")
        for row in await self.records(soql, "find", "user"):
            if row.get("IsFrozen") is frozen:
                continue
            path = f"{self.data}/sobjects/UserLogin/{row['Id']}"
            request = Request("PATCH", path, json={"IsFrozen": frozen}, key=target_id, label="freeze user",
                              template="/services/data/sobjects/UserLogin/{id}")  # fmt: skip
            await self.connection.send(request, "update", "user")

    def _request(
        self,
        method: str,
        kind: str,
        target_id: str | None = None,
        *,
        json: object | None = None,
        params: Sequence[tuple[str, str]] | None = None,
    ) -> Request:
        path = f"{self.data}/sobjects/{_OBJECTS[kind]}"
        template = f"/services/data/sobjects/{_OBJECTS[kind]}"
        if target_id is not None:
            path, template = f"{path}/{target_id}", f"{template}/{{id}}"
        # Sending the same fields twice leaves the record the same, so a PATCH may be repeated.
        repeats = True if method == "PATCH" else None
        return Request(method, path, params=params, json=json, key=target_id, idempotent=repeats,
                       label=f"{method.lower()} {kind}", template=template)  # fmt: skip

    # -- the daily allowance -----------------------------------------------------------------------------

    def _note_usage(self, response: Response) -> None:
        header = response.headers.get("sforce-limit-info")
        if header is not None:
            self._usage = used_requests(header) or self._usage

    def heed_reserve(self) -> None:
        """Write nothing once the organization's other integrations would go without."""
        if self._usage is None:
            return
        used, allowed = self._usage
        if used > allowed * (1 - self._reserve):
            raise TargetFailure(
                f"{used} of {allowed} API requests of 24 hours are used, and {self._reserve:.0%} are kept back",
                "daily_reserve_percent",
                "Run later, buy more requests, or lower daily_reserve_percent",
                code="DailyReserveReached",
                failure=Failure.STOP,
            )

    def probes(self) -> Sequence[tuple[str, Probe]]:
        """The steps of the connection test."""
        return probes(self, self._profiles)

    def _catalogue(self, what: str, soql: str) -> Catalogue:
        async def load() -> Iterable[tuple[str, str]]:
            records = await self.records(soql, "list", "user")
            return [(str(one["Id"]), str(one.get("Name") or one.get("DeveloperName"))) for one in records]

        return Catalogue(what, load, mend=f"Name a {what} that is in Setup, by its name there")


def _cut_off(operation: str, kind: str) -> TargetFailure:
    return TargetFailure(
        "a page says that more follow, and does not say where",
        f"{operation} {kind}",
        "Run the job again; nothing was taken from the half that was read",
        code="ListingIncomplete",
        failure=Failure.RETRY,
    )
