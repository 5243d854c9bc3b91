"""Sign-in by a person: authorization code with PKCE over a loop-back redirect (RFC 6749 4.1, RFC 7636, RFC 8252)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace

from yarl import URL

from ..errors import AuthError
from ..manifest.auth import AuthMethod, Authorize
from ..transport import is_loopback, redact
from .build import build_endpoint, check_inputs, open_token_http
from .listener import RedirectListener, parse_pasted
from .mutual_tls import build_tls
from .replies import TokenHttp
from .secrets import Secret
from .store import FileTokenStore, TokenStore
from .templates import Value, fill_table, fill_url
from .tokens import TokenSet, mend_for

OpenUrl = Callable[[str], None]
ReadPasted = Callable[[], Awaitable[str]]


async def sign_in(
    method: AuthMethod,
    *,
    inputs: Mapping[str, str],
    secrets: Mapping[str, Secret],
    settings: Mapping[str, str] | None = None,
    open_url: OpenUrl,
    read_pasted: ReadPasted | None = None,
    token_store: TokenStore | None = None,
    http: TokenHttp | None = None,
    app: str = "default",
    features: Iterable[str] = (),
    timeout_seconds: float = 300.0,
    wall_clock: Callable[[], float] = time.time,
) -> TokenSet:
    """The token set that a person consented to, stored already.

    Args:
        open_url: Gets the address to visit: opens a browser, or prints it where there is none.
        read_pasted: Awaited beside the listener, for a browser on another machine: the address that it ended at.
        timeout_seconds: How long the person may take.

    Other arguments as of `build_credential`.

    Raises:
        AuthError: Refused, not answered in time, or the code could not be exchanged.
    """
    where = f"auth method {method.id!r} of app {app!r}"
    if method.authorize is None:
        raise AuthError(f"kind {method.kind!r} needs no person to sign in", where, "Run the job; its token is fetched")
    from authlib.common.security import generate_token  # type: ignore[import-untyped]  # ships no types
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # ships no types

    authorize = method.authorize
    values = check_inputs(method, inputs, secrets, where=where, settings=settings)
    http = http or open_token_http(tls=build_tls(method, secrets, app=app))
    endpoint = build_endpoint(method, values, http=http, features=features, app=app, wall_clock=wall_clock)
    scope = method.scopes.for_features(frozenset(features))
    state = Secret(generate_token(32)).reveal()
    verifier = Secret(generate_token(64)).reveal() if authorize.pkce == "required" else None
    challenge = create_s256_code_challenge(verifier) if verifier is not None else None
    async with RedirectListener(state=state, path=authorize.redirect_path, port=authorize.redirect_port) as listener:
        redirect_uri = listener.redirect_uri
        asked = {
            "response_type": "code",
            "client_id": endpoint.client_id,
            "redirect_uri": redirect_uri,
            authorize.scope_param: scope,
            "state": state,
        }
        if challenge is not None:
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        open_url(_authorization_url(authorize, asked, values, where=where))
        answer = await _await_answer(listener, read_pasted, state, timeout_seconds, where=where)
    if "error" in answer:
        word = answer["error"]
        detail = answer.get("error_description", "")
        said = redact(f"{word}: {detail}" if detail else word)[:200]
        raise AuthError(f"the application refused to sign in ({said})", where, mend_for(word))
    if not answer.get("code"):
        raise AuthError(
            "the redirect carries no code", where, "Check the redirect address in the application's console"
        )
    code = Secret(answer["code"]).reveal()
    tokens = await endpoint.exchange_code(code, redirect_uri=redirect_uri, verifier=verifier)
    kept = {name: answer[name] for name in authorize.redirect_keep if name in answer}
    tokens = replace(tokens, kept={**tokens.kept, **kept})
    store = token_store or FileTokenStore()
    async with store.lock(app):
        store.write(app, tokens)
    return tokens


def _authorization_url(
    authorize: Authorize, asked: Mapping[str, str], values: Mapping[str, Value], *, where: str
) -> str:
    url = URL(fill_url(authorize.url, values, where=where))
    if url.scheme != "https" and not is_loopback(url.host or ""):
        raise AuthError("the authorization address is not https", where, "Correct authorize.url in the connector")
    params = {**asked, **fill_table(authorize.params, values, where=where)}
    dropped = set(authorize.drop_params)
    return str(url.update_query({name: text for name, text in params.items() if text and name not in dropped}))


async def _await_answer(
    listener: RedirectListener, read_pasted: ReadPasted | None, state: str, timeout_seconds: float, *, where: str
) -> Mapping[str, str]:
    waiting: set[asyncio.Future[Mapping[str, str]]] = {asyncio.ensure_future(listener.answer())}
    if read_pasted is not None:
        waiting.add(asyncio.ensure_future(_read(read_pasted, state)))
    try:
        done, _ = await asyncio.wait(waiting, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise AuthError(
                f"nobody answered within {timeout_seconds:.0f} s", where, "Sign in again and finish in the browser"
            )
        return done.pop().result()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _read(read_pasted: ReadPasted, state: str) -> Mapping[str, str]:
    return parse_pasted(await read_pasted(), state)
