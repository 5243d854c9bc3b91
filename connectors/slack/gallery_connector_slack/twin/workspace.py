"""The accounts and groups of one Slack, and who may do what to whom.

Words and rules: https://docs.slack.dev/reference/scim-api, "Errors", and https://docs.slack.dev/admins/scim-api, read
2026-11-23. The words are published without their statuses; 403 for protected accounts is inferred.
"""

from __future__ import annotations

import string
import time
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Final

from gallery_sdk.scim import AttributePath
from gallery_sdk.testing import Clock, Refusal
from gallery_sdk.testing.scim_server import Collection

from . import texts
from .editing import Editor
from .records import Record, blank, copied, drop_profile, emails_of, profile_fields
from .settings import Principal, SlackSettings
from .writing import write_whole

_ALPHABET: Final = string.ascii_uppercase + string.digits
_MOST_IN_ONE_CALL: Final = 15_000
_EPOCH: Final = 1_767_225_600  # 2026-01-01T00:00:00Z
USER_NAME: Final = AttributePath("userName")
EMAIL: Final = AttributePath("emails", "value")


class Workspace:
    """State and rules; the application above it speaks HTTP."""

    def __init__(self, settings: SlackSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._random = Random(settings.seed)  # noqa: S311 - ids that repeat from run to run, not secrets
        self._channels = {name.lower() for name in settings.channels}
        self._fields: set[str] = set()
        lag = settings.lag_seconds
        self.users = Collection(("userName", "emails.value"), clock=clock, lag_seconds=lag)
        self.groups = Collection(clock=clock, lag_seconds=lag)
        for user in settings.users:
            self._seed_user(user)
        for group in settings.groups:
            self._seed_group(group)
        self.users.settle()
        self.groups.settle()

    # -- users ---------------------------------------------------------------------------------------------

    def user(self, identity: str) -> Record:
        """The account as it is now.

        Raises:
            Refusal: 404 no_such_user.
        """
        return _found(self.users.get(identity), "no_such_user")

    def resolve(self, named: str) -> str | None:
        """The account that a Slack id, a primary e-mail or a user name means."""
        if named in self.users:
            return named
        return next((each for path in (USER_NAME, EMAIL) for each in self.users.holders(path, named)), None)

    def create_user(self, fill: Callable[[Editor], None], version: str) -> Record:
        """Make an account of what `fill` writes.

        Raises:
            Refusal: With the word of what is wrong.
        """
        draft = blank()
        editor = Editor(draft, version, self.resolve, creating=True)
        fill(editor)
        if editor.spoiled or draft["userName"] in self._settings.spoiled:
            drop_profile(draft)
        if not draft["userName"]:
            raise Refusal(400, "username_required")
        if not emails_of(draft):
            raise Refusal(400, "email_empty")
        self._complete(draft)
        self._check_names(draft, None)
        self._check_guest(draft)
        self._make_fields(draft)
        draft["id"], draft["created"] = self._new_id("U"), self._now()
        return self._store(draft)

    def change_user(
        self, identity: str, principal: Principal, version: str, fill: Callable[[Editor], None], *, whole: bool = False
    ) -> Record:
        """Change an account by what `fill` writes; with `whole`, what it does not write is emptied.

        Raises:
            Refusal: With the word of what is wrong; nothing was changed.
        """
        old = self.user(identity)
        self._check_rank(old, principal)
        draft = copied(old)
        if whole:
            kept = {name: draft[name] for name in ("id", "created", "role", "photo")}
            draft = {**blank(), **kept, "active": False}
        fill(Editor(draft, version, self.resolve))
        if not draft["userName"] or not emails_of(draft):
            raise Refusal(400, "username_empty" if not draft["userName"] else "missing_primary_email")
        if whole:
            self._complete(draft)
        self._check_protection(old, draft)
        if not whole and draft["displayName"] != old["displayName"] and not self._settings.profile_sync:
            raise Refusal(400, "invalid_display_name")
        self._check_names(draft, identity)
        self._check_guest(draft)
        self._make_fields(draft)
        return self._store(draft)

    def deactivate(self, identity: str, principal: Principal) -> None:
        """Switch an account off; doing it again changes nothing."""

        def switch_off(editor: Editor) -> None:
            editor.draft["active"] = False

        self.change_user(identity, principal, "v2", switch_off)

    def groups_of(self, identity: str) -> list[dict[str, object]]:
        """The groups that an account is a member of."""
        return [
            {"value": group["id"], "display": group["displayName"]}
            for group in self.groups.values()
            if identity in _members(group)
        ]

    def _complete(self, draft: Record) -> None:
        if not draft["displayName"]:
            draft["displayName"] = draft["userName"]
        name = draft["name"]
        assert isinstance(name, dict)
        if draft["guest"] is not None and not name["givenName"]:
            name["givenName"] = draft["displayName"]

    def _check_rank(self, record: Record, principal: Principal) -> None:
        if principal.rank == "admin" and record["role"] in ("owner", "primary_owner"):
            raise Refusal(403, "permission_denied")

    def _check_protection(self, old: Record, draft: Record) -> None:
        role, deactivates = old["role"], bool(old["active"]) and not draft["active"]
        if role == "forgotten":
            raise Refusal(403, "cannot_modify_gdpr")
        if role == "primary_owner":
            raise Refusal(403, "cannot_disable_primary_owner" if deactivates else "cannot_modify_owner")
        if role == "bot" and deactivates:
            raise Refusal(403, "cannot_disable_bot_user_with_scim")

    def _check_names(self, draft: Record, identity: str | None) -> None:
        name = str(draft["userName"])
        taken = self.users.taken(draft, by_other_than=identity)
        if taken == "userName" or name in self._channels:
            raise Refusal(409, f"username_taken (username={name})")
        if taken is not None:
            raise Refusal(409, "email_taken")

    def _check_guest(self, draft: Record) -> None:
        if draft["guest"] is not None and self._settings.plan != "enterprise":
            raise Refusal(403, "cannot_make_user_guest")

    def _make_fields(self, draft: Record) -> None:
        fields = self._fields | profile_fields(draft)
        if len(fields) > self._settings.profile_fields_left:
            raise Refusal(400, "unable_to_create_team_profile_fields")
        self._fields = fields

    def _store(self, record: Record) -> Record:
        self.users.put(str(record["id"]), record)
        return record

    # -- groups --------------------------------------------------------------------------------------------

    def group(self, identity: str) -> Record:
        """The group as it is now.

        Raises:
            Refusal: 404 no_such_group.
        """
        return _found(self.groups.get(identity), "no_such_group")

    def create_group(self, name: object, members: Iterable[str]) -> Record:
        """Make a group.

        Raises:
            Refusal: With the word of what is wrong.
        """
        group: Record = {"displayName": _group_name(name), "members": dict.fromkeys(self.checked_members(members))}
        self._check_size(group)
        group["id"], group["created"] = self._new_id("S"), self._now()
        self.groups.put(str(group["id"]), group)
        return group

    def change_group(self, identity: str, name: object, members: Iterable[str] | None) -> Record:
        """Give a group another name (None: the same) and other members (None: the same).

        Raises:
            Refusal: With the word of what is wrong; nothing was changed.
        """
        old = self.group(identity)
        if old.get("system"):
            raise Refusal(403, "permission_denied")
        group = dict(old)
        if name is not None:
            group["displayName"] = _group_name(name)
        if members is not None:
            group["members"] = dict.fromkeys(members)
            self._check_size(group)
        self.groups.put(identity, group)
        return group

    def delete_group(self, identity: str) -> None:
        """Delete a group for good.

        Raises:
            Refusal: 404 no_such_group, 400 idp_group_linked_to_channels, 403 permission_denied.
        """
        group = self.group(identity)
        if group.get("linked"):
            raise Refusal(400, "idp_group_linked_to_channels")
        if group.get("system"):
            raise Refusal(403, "permission_denied")
        self.groups.remove(identity)

    def checked_members(self, identities: Iterable[str]) -> list[str]:
        """The ids, if all of them may join a group.

        Raises:
            Refusal: 400 too_many_users, no_such_group_members or unable_to_add_deleted_or_guest_to_group.
        """
        wanted = list(identities)
        if len(wanted) > _MOST_IN_ONE_CALL:
            raise Refusal(400, "too_many_users")
        for identity in wanted:
            user = self.users.get(identity)
            if user is None:
                raise Refusal(400, "no_such_group_members")
            if not user["active"]:
                raise Refusal(400, "unable_to_add_deleted_or_guest_to_group")
        return wanted

    def members_of(self, group: Record) -> list[dict[str, object]]:
        """The members as a group shows them."""
        found = []
        for identity in _members(group):
            user = self.users.get(identity)
            if user is not None:
                found.append({"value": identity, "display": user["userName"]})
        return found

    def _check_size(self, group: Record) -> None:
        if len(_members(group)) > self._settings.group_limit:
            raise Refusal(400, "group_member_max_exceeded")

    # -- ids, time, what is there from the start -----------------------------------------------------------

    def _new_id(self, letter: str) -> str:
        return letter + "".join(self._random.choices(_ALPHABET, k=9))

    def _now(self) -> str:
        # Slack shows an offset, never Z.
        return time.strftime("%Y-%m-%dT%H:%M:%S-07:00", time.gmtime(_EPOCH + self._clock() - 7 * 3600))

    def _seed_user(self, user: Mapping[str, object]) -> None:
        draft = blank()
        write_whole(Editor(draft, "v2", self.resolve, creating=True), user)
        meta, photos = user.get("meta"), user.get("photos")
        if isinstance(photos, list) and photos:
            draft["photo"] = photos[0]["value"]
        if "displayName" in user:
            draft["displayName"] = user["displayName"]
        draft.pop("photo_before", None)
        draft["role"] = user.get("role", "member")
        draft["id"] = user.get("id") or self._new_id("U")
        draft["created"] = meta["created"] if isinstance(meta, Mapping) and "created" in meta else self._now()
        self._store(draft)

    def _seed_group(self, group: Mapping[str, object]) -> None:
        listed = group.get("members")
        members = [str(each["value"]) for each in listed] if isinstance(listed, list) else []
        flags = {name: group[name] for name in ("linked", "system") if name in group}
        record: Record = {**flags, "displayName": group["displayName"], "members": dict.fromkeys(members)}
        record["id"], record["created"] = group.get("id") or self._new_id("S"), self._now()
        self.groups.put(str(record["id"]), record)


def _members(group: Record) -> dict[str, None]:
    members = group["members"]
    assert isinstance(members, dict)
    return members


def _found(record: Record | None, word: str) -> Record:
    if record is None:
        raise Refusal(404, word)
    return record


def _group_name(value: object) -> str:
    name = texts.text(value)
    if name is None:
        raise Refusal(400, "invalid_name_required")
    return name
