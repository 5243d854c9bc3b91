"""The sign-in proved by the cheap read that the connector declares for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..auth.tokens import find
from ..errors import AuthError, TransportError
from ..targets import ConnectionStep
from ..transport import Request

if TYPE_CHECKING:
    from ..manifest import AuthMethod
    from ..transport import Response, Transport

STEP: Final = "sign in"
_REFUSED: Final = (401, 403)


async def prove_sign_in(transport: Transport, method: AuthMethod | None) -> ConnectionStep | None:
    """Send the method's `verify`, and say whether the credential is taken.

    Returns:
        None where that cannot be told: nothing is declared, or the answer is about something else, such as a wrong
        address. What the target itself tries then says more.
    """
    if method is None or method.verify is None:
        return None
    proof = method.verify
    body = proof.body.encode() if proof.body is not None else None
    request = Request(proof.method, proof.path, content=body, idempotent=True, label=STEP)
    try:
        response = await transport.send(request)
    except AuthError as error:
        return ConnectionStep(STEP, False, f"{error.what} ({error.where})", error.mend)
    except TransportError:
        return None
    if response.status in proof.expect:
        return ConnectionStep(STEP, True, (method.title or method.id) + _who(response, proof.who))
    if response.status not in _REFUSED:
        return None
    detail = f"refused with status {response.status} ({response.request_line})"
    return ConnectionStep(
        STEP, False, detail, "Renew the credential, or give it the rights that the set-up guide names"
    )


def _who(response: Response, path: str | None) -> str:
    """Whom the answer names, as far as it does."""
    if path is None:
        return ""
    try:
        name = find(response.json(), path)
    except TransportError:
        return ""
    return f", as {name}" if isinstance(name, str) and name else ""
