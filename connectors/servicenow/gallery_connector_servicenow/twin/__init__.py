"""The twin of ServiceNow: one instance behind the Table API and the SCIM plugin, with its rate rules and its errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import md5
from typing import Final

from gallery_sdk.testing import (
    Clock,
    Fault,
    RateLimit,
    Refusal,
    ScaledClock,
    Twin,
    TwinApplication,
    TwinRequest,
    TwinResponse,
)

from .instance import Instance, ServiceNowRefusal
from .scim import BASE as SCIM
from .scim import ScimFace
from .signing_in import Account, Credentials
from .table import PATH, TableFace

USER: Final = "integration.gallery"
PASSWORD: Final = "twin-password"  # noqa: S105 - opens this simulator and nothing else
CLIENT: Final = "twin-client"
CLIENT_SECRET: Final = "twin-client-secret"  # noqa: S105 - the same
HOUR: Final = 3600.0
ROLES: Final = ("itil", "knowledge", "catalog_admin")
_RULE: Final = md5(b"rate rule", usedforsecurity=False).hexdigest()
_WORDS: Final = {
    401: ("User Not Authenticated", "Required to provide Auth information"),
    500: ("Transaction cancelled: maximum execution time exceeded", "The transaction ran too long"),
}


class ServiceNowTwin(TwinApplication):
    """One instance.

    Attributes:
        instance: Its rows and rules.
        table, scim: Its two faces.
        credentials: Who may sign in; `integration_user` is the row of the one who is there from the beginning.
        hourly_requests: What a rate rule allows on the Table API; None without a rule, as instances come.
        forgets: So many requests are answered with 401 although the credential is right.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        now: Callable[[], datetime] | None = None,
        hourly_requests: int | None = None,
        faults: Sequence[Fault] = (),
        seed: int = 1,
    ) -> None:
        """`clock` measures tokens and the hour of a rate rule; `now` is what rows are stamped with."""
        limits = [] if hourly_requests is None else [RateLimit(hourly_requests, HOUR, path=PATH.pattern)]
        super().__init__(limits=limits, clock=clock or ScaledClock(), faults=faults, seed=seed,
                         media_type="application/json;charset=UTF-8")  # fmt: skip
        self.instance = Instance(now=now, seed=seed)
        self.table, self.scim = TableFace(self.instance), ScimFace(self.instance)
        self.credentials = Credentials(clients={CLIENT: CLIENT_SECRET}, application_user=USER)
        self.integration_user = self.add_account(USER, PASSWORD, "admin")
        self.hourly_requests, self.forgets = hourly_requests, 0
        for role in ROLES:
            self.instance.seed("sys_user_role", name=role)
        self.instance.seed("sys_user_role", sys_id="glide.maint", name="maint", grantable="false")

    def add_account(self, user_name: str, password: str, *roles: str, web_service_only: bool = False) -> str:
        """Let somebody sign in; the id of their user."""
        user = self.instance.seed(
            "sys_user", user_name=user_name, last_name="Integration", email=f"{user_name}@twin.test"
        )
        self.credentials.accounts[user_name] = Account(user_name, password, user, frozenset(roles), web_service_only)
        return user

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer a request of either API."""
        if request.path == "/oauth_token.do" and request.method == "POST":
            return self.credentials.token(request, self.clock(), is_usable=self._is_usable)
        if request.path == "/oauth_auth.do" and request.method == "GET":
            return self.credentials.authorize(request)
        is_scim = SCIM.match(request.path) is not None
        if is_scim and request.path.endswith("/ServiceProviderConfig"):
            return self.scim.handle(request)  # needs no login
        account = self.credentials.who(request, self.clock(), is_usable=self._is_usable)
        if self.forgets:
            self.forgets, account = self.forgets - 1, None
        if account is None:
            raise Refusal(401, "")
        if not is_scim:
            response = self.table.handle(request, account)
            response.headers.update(self._rate_headers(request))
            return response
        if account.roles.isdisjoint({"admin", "scim_admin"}):
            raise ServiceNowRefusal(403, "Operation Failed", "ACL Exception: scim_admin is required")
        return self.scim.handle(request)

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """The envelope of the Table API, or SCIM's; signing in fails in the former everywhere."""
        if not isinstance(refusal, ServiceNowRefusal):
            message, detail = _WORDS.get(refusal.status, (refusal.word or "Operation Failed", refusal.word))
            if refusal.status == 429:
                allowed = self.hourly_requests or 100
                message = "Rate limit exceeded"
                detail = f"Rate limit of {allowed} requests per hour for Table API exceeded"
            headers = refusal.headers
            refusal = ServiceNowRefusal(refusal.status, message, detail)
            refusal.headers = headers
        if SCIM.match(request.path) is not None and refusal.status not in (401, 403, 429):
            return self.scim.refuse(refusal)
        error = {"message": refusal.word, "detail": refusal.detail}
        headers = {**refusal.headers, **self._rate_headers(request)}
        return TwinResponse(refusal.status, {"error": error, "status": "failure"}, headers)

    def is_open(self, request: TwinRequest) -> bool:
        """Everybody is let in as far as `handle`, which knows three ways of signing in."""
        return True

    def route_of(self, request: TwinRequest) -> str:
        """The path with ids blotted out, and whether it is a look-up."""
        path = PATH.fullmatch(request.path)
        if path is not None:
            return f"/{path['table']}{'/*' if path['id'] else ''}"
        parts = SCIM.sub("", request.path).strip("/").split("/")
        filtered = "?filter" if "filter" in request.query else ""
        return (
            f"/scim/{parts[0]}{'/*' if len(parts) > 1 else ''}{filtered}" if SCIM.match(request.path) else request.path
        )

    def state(self) -> dict[str, object]:
        """All rows by table and id."""
        return {name: dict(table) for name, table in self.instance.tables.items()}

    def _is_usable(self, account: Account) -> bool:
        row = self.instance.tables["sys_user"].get(account.user_id)
        return row is not None and row["active"] == "true" and row["locked_out"] != "true"

    def _rate_headers(self, request: TwinRequest) -> dict[str, str]:
        if self.hourly_requests is None or PATH.fullmatch(request.path) is None:
            return {}
        reset = str(int(time.time() + HOUR))
        limit = str(self.hourly_requests)
        return {"X-RateLimit-Limit": limit, "X-RateLimit-Reset": reset, "X-RateLimit-Rule": _RULE}


def _twin() -> ServiceNowTwin:
    twin = ServiceNowTwin()
    for table, names in _SAMPLES.items():
        for name in names:
            twin.instance.seed(table, name=name)
    return twin


_SAMPLES: Final = {
    "cmn_department": ("Customer Success", "Engineering", "Finance", "Legal", "Marketing", "Operations",
                       "People & Culture", "R&D, Materials", "Sales"),
    "cmn_location": ("Berlin", "London", "New York", "Paris", "Tokyo"),
}  # fmt: skip
"""Departments and locations that sample directories name; ServiceNow makes none by itself."""

TWIN: Final = Twin(
    _twin,
    settings={"instance": "twin"},
    method="client_credentials",
    credentials={"client_id": CLIENT, "client_secret": CLIENT_SECRET},
    note="Departments and locations are never made by the connector; the twin has those of the sample directory",
)
"""What `gallery twin servicenow` and the contract suite start."""
