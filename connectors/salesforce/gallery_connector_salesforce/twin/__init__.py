"""The twin of Salesforce: one organization behind the REST and the SCIM 2.0 API, with its limits and its errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import uuid4

from gallery_sdk.testing import Clock, Fault, Refusal, ScaledClock, Twin, TwinApplication, TwinRequest, TwinResponse

from .org import Org, SalesforceRefusal
from .rest import RestFace
from .scim import BASE as SCIM
from .scim import ScimFace
from .signing_in import Credentials, authorize, soap_login, token

TOKEN: Final = "twin-token"  # noqa: S105 - opens this simulator and nothing else
DAY: Final = 86400.0
SESSION_SECONDS: Final = 7200.0
LICENSES: Final = {"Salesforce": 10_000, "Salesforce Platform": 1_000, "Chatter Free": 100_000}
PROFILES: Final = {
    "Standard User": "Salesforce", "System Administrator": "Salesforce", "Minimum Access - Salesforce": "Salesforce",
    "Standard Platform User": "Salesforce Platform", "Chatter Free User": "Chatter Free",
}  # fmt: skip
PERMISSION_SETS: Final = ("Sales_Insights", "Service_Console", "Survey_Creator")
ROLES: Final = ("CEO", "Sales Rep", "Support Agent")
_STATUSES: Final = {
    400: "UNKNOWN_EXCEPTION",
    401: "INVALID_SESSION_ID",
    403: "REQUEST_LIMIT_EXCEEDED",
    404: "NOT_FOUND",
}
_MESSAGES: Final = {
    "INVALID_SESSION_ID": "Session expired or invalid",
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record",
    "API_DISABLED_FOR_ORG": "API is not enabled for this Organization or Partner",
}


class SalesforceTwin(TwinApplication):
    """One organization.

    Attributes:
        org: Its records and rules.
        rest, scim: Its two faces.
        credentials: Who may sign in.
        used: API requests of the last 24 hours, of `daily_requests`.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        wall_clock: Callable[[], float] = time.time,
        daily_requests: int = 100_000,
        licenses: Mapping[str, int] | None = None,
        confirms_email: bool = False,
        scim_page_size: int = 200,
        faults: Sequence[Fault] = (),
        seed: int = 1,
    ) -> None:
        """`clock` measures sessions and the 24 hours; `wall_clock` is what assertions are dated by."""
        clock = clock or ScaledClock()
        super().__init__(tokens={TOKEN: "integration"}, clock=clock, faults=faults, seed=seed,
                         media_type="application/json;charset=UTF-8")  # fmt: skip
        self.org = _organization(licenses or LICENSES, confirms_email=confirms_email)
        self.rest = RestFace(self.org, usage=lambda: (self.used, self.daily_requests))
        self.scim = ScimFace(self.org, page_size=scim_page_size)
        self.credentials = Credentials()
        self.used, self.daily_requests = 0, daily_requests
        self._day_began = clock()
        self._wall_clock = wall_clock
        self._sessions: dict[str, float] = {}

    def is_open(self, request: TwinRequest) -> bool:
        """Signing in needs no session."""
        return request.path.startswith(("/services/oauth2/", "/services/Soap/"))

    def handle(self, request: TwinRequest) -> TwinResponse:
        """Answer a request of either API."""
        if request.path == "/services/oauth2/token" and request.method == "POST":
            return token(request, self.credentials, issue=self._issue, wall_clock=self._wall_clock)
        if request.path == "/services/oauth2/authorize" and request.method == "GET":
            return authorize(request, self.credentials)
        if request.path.startswith("/services/Soap/u/"):
            return soap_login(request, self.credentials, issue=self._issue)
        self._check_session(request)
        self._count()
        face = self.scim if request.path.startswith(SCIM) else self.rest
        response = face.handle(request)
        response.headers.update(self._usage())
        return response

    def refuse(self, request: TwinRequest, refusal: Refusal) -> TwinResponse:
        """An array of errors, or what the SCIM API makes of one."""
        if refusal.status == 429:  # there is none here: too many is 403
            refusal = Refusal(403, "REQUEST_LIMIT_EXCEEDED")
        if not isinstance(refusal, SalesforceRefusal):
            code = refusal.word if refusal.word.isupper() else _STATUSES.get(refusal.status, "SERVER_UNAVAILABLE")
            refusal = SalesforceRefusal(refusal.status, code, _MESSAGES.get(code, refusal.word))
        if request.path.startswith(SCIM) and refusal.status not in (401, 403):
            response = self.scim.refuse(refusal)
        else:
            error: dict[str, object] = {"message": refusal.message, "errorCode": refusal.word}
            if refusal.status == 400:
                error["fields"] = refusal.fields
            response = TwinResponse(refusal.status, [error])
        response.headers.update(self._usage())
        return response

    def unauthorized(self, request: TwinRequest) -> Refusal:
        """A session that is unknown, or over."""
        return Refusal(401, "INVALID_SESSION_ID")

    def route_of(self, request: TwinRequest) -> str:
        """The path with version and ids blotted out."""
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["services", "data"]:
            parts = parts[3:]
            keep = {"query": 1, "sobjects": 2, "composite": 2}.get(parts[0], 1) if parts else 0
            blotted = "/*" if len(parts) > keep else ""
            return f"/{'/'.join(parts[:keep])}{blotted}"
        if parts[:2] == ["services", "scim"]:
            filtered = "?filter" if "filter" in request.query else ""
            return f"/scim/{parts[3] if len(parts) > 3 else ''}{'/*' if len(parts) > 4 else ''}{filtered}"
        return request.path

    def state(self) -> dict[str, object]:
        """All records by object and id."""
        return {name: dict(table) for name, table in self.org.tables.items()}

    def _issue(self) -> str:
        made = f"00D000000000001!{uuid4().hex}"
        self.tokens[made] = "integration"
        self._sessions[made] = self.clock() + SESSION_SECONDS
        return made

    def _check_session(self, request: TwinRequest) -> None:
        session = (request.header("authorization") or "").partition(" ")[2]
        if self.clock() >= self._sessions.get(session, float("inf")):
            raise self.unauthorized(request)

    def _count(self) -> None:
        if self.clock() - self._day_began >= DAY:
            self._day_began, self.used = self.clock(), 0
        if self.used >= self.daily_requests:
            raise Refusal(403, "REQUEST_LIMIT_EXCEEDED")
        self.used += 1

    def _usage(self) -> dict[str, str]:
        return {"Sforce-Limit-Info": f"api-usage={self.used}/{self.daily_requests}"}


def _organization(licenses: Mapping[str, int], *, confirms_email: bool) -> Org:
    """An organization with profiles, permission sets, roles, and its integration user."""
    org = Org(licenses=licenses, confirms_email=confirms_email)
    by_name = {one["Name"]: one["Id"] for one in org.tables["UserLicense"].values()}
    profiles: dict[str, str] = {}
    for name, license_name in PROFILES.items():
        if license_name in by_name:
            profiles[name] = org.seed("Profile", Name=name, UserLicenseId=by_name[license_name])
            org.seed("PermissionSet", Name=f"X{profiles[name]}", Label=name, IsOwnedByProfile=True, Type="Profile")
    for name in PERMISSION_SETS:
        org.seed("PermissionSet", Name=name, Label=name.replace("_", " "), IsOwnedByProfile=False, Type="Regular")
    org.seed("PermissionSetGroup", DeveloperName="Sales_Team", MasterLabel="Sales Team")
    for name in ROLES:
        org.seed("UserRole", Name=name, DeveloperName=name.replace(" ", "_"))
    org.seed_integration_user(profiles.get("System Administrator") or next(iter(profiles.values())))
    return org


TWIN: Final = Twin(
    SalesforceTwin,
    settings={"my_domain": "twin"},
    method="access_token",
    credentials={"token": TOKEN},
    note="Profiles, permission sets and roles are there; too many requests are answered with 403, as Salesforce does",
)
"""What `gallery twin salesforce` and the contract suite start."""
