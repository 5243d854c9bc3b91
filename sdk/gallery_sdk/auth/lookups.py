"""Reads after signing in, for what addresses and headers need and no token reply says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..errors import AuthError, TransportError
from ..manifest.auth import AuthMethod, Lookup, names_in
from ..transport import Request
from .replies import TokenHttp, send_to
from .templates import Value, fill, fill_table, fill_url
from .tokens import TokenSet, find


class Lookups:
    """Does a method's `[[auth.method.lookup]]` reads, each once per sign-in, and keeps their values with the token.

    Attributes:
        marks: What they depend on; another site in the settings is another look-up.
    """

    def __init__(self, method: AuthMethod, values: Mapping[str, Value], http: TokenHttp, *, where: str) -> None:
        self._lookups, self._values, self._http, self._where = method.lookups, values, http, where
        self.marks = [self._mark(text) for one in method.lookups for text in (one.get, *one.where.values())]

    async def complete(self, tokens: TokenSet, *, before: TokenSet | None) -> TokenSet:
        """The set with every value that look-ups give; the same set when nothing was missing.

        Args:
            before: The set that this one follows; what it knows is not asked for again.

        Raises:
            AuthError: A read was refused, or nothing it found fits.
        """
        known = {**(before.kept if before is not None else {}), **tokens.kept}
        for lookup in self._lookups:
            if lookup.save not in known:
                known[lookup.save] = await self._find(lookup, tokens, known)
        missing = {one.save: known[one.save] for one in self._lookups if one.save not in tokens.kept}
        return replace(tokens, kept={**tokens.kept, **missing}) if missing else tokens

    async def _find(self, lookup: Lookup, tokens: TokenSet, known: Mapping[str, str]) -> str:
        values: dict[str, Value] = {**self._values, **known, **tokens.secrets, "access_token": tokens.access_token}
        url = fill_url(lookup.get, values, where=self._where)
        headers = fill_table(lookup.headers, values, where=self._where)
        if "authorization" not in (name.lower() for name in headers):
            headers["Authorization"] = f"Bearer {tokens.access_token.reveal()}"
        where = f"{self._where}, look-up of {lookup.save!r}"
        request = Request("GET", "", headers=headers, label="look-up", template="/look-up")
        try:
            response = await send_to(self._http, url, request)
            document = response.json() if response.status < 300 else None
        except TransportError as error:
            raise AuthError(f"it got no usable answer: {error.what}", where, error.mend) from error
        if response.status >= 300:
            raise AuthError(
                f"it was refused with status {response.status}", where, "Allow it for the client, or sign in again"
            )
        found = find(document, lookup.list)
        wanted = fill_table(lookup.where, values, where=self._where)
        for entry in found if isinstance(found, list) else [found]:
            if all(_as_text(find(entry, path)) == text for path, text in wanted.items()):
                value = _as_text(find(entry, lookup.take))
                if value:
                    return value
        told = ", ".join(f"{path} = {text!r}" for path, text in wanted.items()) or "any entry"
        raise AuthError(f"nothing was found for {told}", where, "Check the settings, and what this account may see")

    def _mark(self, template: str) -> str:
        is_known = all(name in self._values for name in names_in(template))
        return fill(template, self._values, where=self._where) if is_known else template


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""
