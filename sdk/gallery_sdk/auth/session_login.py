"""Logins of a vendor's own design: requests in steps, each knowing what those before it saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from ..errors import AuthError, OutcomeUnknownError, TransportError
from ..manifest.auth import AuthMethod, Step
from ..transport import Request, Response
from .replies import TokenHttp, send_to, write_params
from .secrets import Secret
from .templates import Value, fill_json, fill_table, fill_url
from .tokens import TokenSet, expiry, find, fingerprint_of

_HEADER = "header:"


class SessionLogin:
    """Signs in as the manifest's `[auth.method.session]` table says, and again when the session ends.

    Attributes:
        fingerprint: Of the method and every setting that is no secret.
    """

    is_self_sufficient = True

    def __init__(
        self,
        method: AuthMethod,
        values: Mapping[str, Value],
        *,
        http: TokenHttp,
        wall_clock: Callable[[], float],
        also_for: Sequence[str] = (),
    ) -> None:
        assert method.session is not None
        self._session, self._values, self._http, self._wall_clock = method.session, values, http, wall_clock
        self._where = f"auth method {method.id!r}"
        settings = [f"{name}={value}" for name, value in sorted(values.items()) if isinstance(value, str)]
        self.fingerprint = fingerprint_of(
            [method.id, *(step.url for step in self._session.steps), *settings, *also_for]
        )

    async def issue(self) -> TokenSet:
        """Log in.

        Raises:
            AuthError: A step was refused, or its reply lacks what should be saved.
        """
        session, now = self._session, self._wall_clock()
        saved: dict[str, str] = {}
        for number, step in enumerate(session.steps, 1):
            known: dict[str, Value] = {**self._values, **saved}
            saved |= await self._take(step, known, f"{self._where}, step {number} of the login")
        ends = saved.pop(session.expires) if session.expires is not None else None
        return TokenSet(
            Secret(saved.pop(session.token)),
            now,
            expires_at=expiry(
                ends,
                session.expires_kind,
                default_lifetime_seconds=session.lifetime_s,
                now=now,
                where=self._where,
            ),
            kept={name: value for name, value in saved.items() if name in session.keep},
            issued_for=self.fingerprint,
            secrets={name: Secret(value) for name, value in saved.items() if name not in session.keep},
        )

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Log in again; sessions have nothing to refresh with."""
        return await self.issue()

    async def _take(self, step: Step, values: Mapping[str, Value], where: str) -> dict[str, str]:
        params = cast("dict[str, object]", fill_json(step.params, values, where=where))
        content, query, media_type = write_params(params, step.body) if params else (None, None, None)
        headers = fill_table(step.headers, values, where=where)
        if media_type is not None:
            headers.setdefault("Content-Type", media_type)
        # Logging in twice leaves an idle session at worst, so a lost reply is asked for again.
        request = Request(
            step.method,
            "",
            params=query,
            content=content,
            headers=headers,
            idempotent=True,
            label="login",
            template="/login",
        )
        try:
            response = await send_to(self._http, fill_url(step.url, values, where=where), request)
        except OutcomeUnknownError as error:
            raise AuthError("its reply was lost", where, "Run again") from error
        if response.status >= 300:
            raise AuthError(
                f"it was refused with status {response.status}",
                where,
                "Check the connection's settings and the secrets that its references name",
            )
        return {name: self._saved(name, path, response, where) for name, path in step.save.items()}

    def _saved(self, name: str, path: str, response: Response, where: str) -> str:
        if path.startswith(_HEADER):
            value: object = response.headers.get(path.removeprefix(_HEADER))
        else:
            try:
                value = find(response.json(), path)
            except TransportError as error:
                raise AuthError(error.what, where, "Check the address of the step") from error
        if not isinstance(value, str | int | float) or isinstance(value, bool) or value == "":
            if name == self._session.expires:
                return ""
            raise AuthError(f"the reply has nothing at {path!r}", where, "Correct the step's save table")
        text = str(value)
        if name not in self._session.keep and name != self._session.expires:
            Secret(text)  # masked from now on
        return text
