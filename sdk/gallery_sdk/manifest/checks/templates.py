"""Templates: every input used is declared, every declared input is used, and addresses stay where they belong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import product
from typing import Final

from ..auth import TEMPLATE_NAME, AuthMethod
from ..identity import Input
from ..model import Manifest
from ..problems import Problem, did_you_mean, shown

_LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_URL: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^/?#]+)(?P<rest>.*)", re.DOTALL)
_HOST_GLOB: Final = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+|localhost|127\.0\.0\.1|\[::1\]")
_MOST_EXPANSIONS: Final = 64


def template_problems(manifest: Manifest) -> Iterator[Problem]:
    """Check inputs, addresses and the hosts that requests may go to."""
    yield from _inputs(manifest)
    yield from _names(manifest)
    yield from _hosts(manifest)
    yield from _addresses(manifest)


def _inputs(manifest: Manifest) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, one in enumerate(manifest.config_inputs):
        where = f"{manifest.where}, config.input[{index}]"
        if one.id in seen:
            yield Problem(f"{where}.id", f"{one.id!r} is declared twice", "Give every input its own id")
        seen.add(one.id)
        for method_index, method in enumerate(manifest.auth_methods):
            clash = "an input" if any(one.id == other.id for other in method.inputs) else "a name that is kept"
            if clash == "an input" or one.id in method.saved_names:
                yield Problem(
                    f"{where}.id",
                    f"{one.id!r} is also {clash} of auth.method[{method_index}]",
                    "Rename one of them; templates could not tell them apart",
                )
        yield from _input(one, where)


def _input(one: Input, where: str) -> Iterator[Problem]:
    if (one.type == "choice") != bool(one.choices):
        yield Problem(
            f"{where}.choices", f"type is {one.type!r}", "Give choices to an input of type 'choice', and to no other"
        )
    pattern = None
    if one.pattern is not None:
        try:
            pattern = re.compile(one.pattern)
        except re.error as error:
            yield Problem(f"{where}.pattern", f"not a regular expression ({error})", "Mend the pattern")
    for field in ("default", "example"):
        value = getattr(one, field)
        if value is None:
            continue
        wanted = {"boolean": bool, "integer": int}.get(one.type, str)
        if type(value) is not wanted:
            yield Problem(f"{where}.{field}", f"{shown(value)} is not of type {one.type!r}", "Give one that is")
        elif one.choices and value not in one.choices:
            yield Problem(f"{where}.{field}", f"{shown(value)} is none of the choices", "Name one of the choices")
        elif pattern is not None and not pattern.fullmatch(str(value)):
            yield Problem(f"{where}.{field}", f"{shown(value)} does not match the pattern", "Mend one of the two")


def _names(manifest: Manifest) -> Iterator[Problem]:
    settings = {one.id for one in manifest.config_inputs}
    settings |= {f"{one.id}_host" for one in manifest.config_inputs if one.type == "url"}
    used = {name for _, template in _transport_templates(manifest) for name in TEMPLATE_NAME.findall(template)}
    yield from _names_in_addresses(manifest, settings)
    yield from _same_in_every_method(manifest, used - settings)
    for index, method in enumerate(manifest.auth_methods):
        yield from _names_in_method(manifest, f"{manifest.where}, auth.method[{index}]", method, settings, used)
    used |= {name for method in manifest.auth_methods for name in method.used_names()}
    for index, one in enumerate(manifest.config_inputs):
        if one.used_by == "template" and one.id not in used and f"{one.id}_host" not in used:
            yield Problem(
                f"{manifest.where}, config.input[{index}]",
                f"{one.id!r} is declared and never used",
                'Use it in a template, remove it, or say used_by = "code" when the connector\'s code asks for it',
            )


def _names_in_addresses(manifest: Manifest, settings: set[str]) -> Iterator[Problem]:
    secret = {one.id for method in manifest.auth_methods for one in method.inputs if one.type == "secret"}
    of_auth = {one.id for method in manifest.auth_methods for one in method.inputs} - secret
    of_auth |= {f"{one.id}_host" for method in manifest.auth_methods for one in method.inputs if one.type == "url"}
    kept = {name for method in manifest.auth_methods for name in method.kept_names}
    known = settings | of_auth | kept
    for field, template in _transport_templates(manifest):
        where = f"{manifest.where}, transport.{field}"
        if re.search(r"[{}]", TEMPLATE_NAME.sub("", template)):
            yield Problem(where, f"{shown(template)} has a brace outside a {{name}}", "Write {name}, or drop the brace")
        for name in TEMPLATE_NAME.findall(template):
            if name in secret:
                yield Problem(
                    where, f"{{{name}}} is a secret", "Keep secrets out of addresses; use [[auth.method.apply]]"
                )
            elif name not in known:
                otherwise = f"Declare it as [[config.input]]; declared are {', '.join(sorted(known)) or 'none'}"
                yield Problem(where, f"{{{name}}} is not a declared input", did_you_mean(name, known, otherwise))
            elif name in kept and field != "base_url":
                yield Problem(
                    where,
                    f"{{{name}}} comes from the reply that the allowed hosts hold to account",
                    "Write the hosts that it may name, such as '*.example.com'",
                )


def _names_in_method(
    manifest: Manifest, where: str, method: AuthMethod, settings: set[str], in_addresses: set[str]
) -> Iterator[Problem]:
    declared = {one.id for one in method.inputs} | settings
    for field, name in method.unknown_names(settings):
        otherwise = "Declare it as [[auth.method.input]] or as [[config.input]]"
        yield Problem(
            f"{where}.{field}", f"{{{name}}} is not a declared input", did_you_mean(name, declared, otherwise)
        )
    needed = method.used_names() | in_addresses
    for place, given in enumerate(method.inputs):
        if given.id not in needed and f"{given.id}_host" not in needed:
            yield Problem(
                f"{where}.input[{place}]",
                f"{given.id!r} is declared and never used",
                "Use it in a template of the method or in base_url, or remove it",
            )
    for name in method.unused_names(in_addresses):
        yield Problem(
            where, f"{name!r} is saved and never used", "Use it in a template of the method or in base_url, or drop it"
        )


def _same_in_every_method(manifest: Manifest, names: set[str]) -> Iterator[Problem]:
    """An address that depends on authentication must not depend on which method is chosen."""
    for index, method in enumerate(manifest.auth_methods):
        given = {one.id for one in method.inputs} | {f"{one.id}_host" for one in method.inputs} | set(method.kept_names)
        for name in sorted(names - given):
            yield Problem(
                f"{manifest.where}, auth.method[{index}]",
                f"transport uses {{{name}}}, which this method does not give",
                "Declare it as [[config.input]], or as an input of every method",
            )


def _transport_templates(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield "base_url", manifest.transport.base_url
    for index, host in enumerate(manifest.transport.allowed_hosts):
        yield f"allowed_hosts[{index}]", host


def _hosts(manifest: Manifest) -> Iterator[Problem]:
    for index, host in enumerate(manifest.transport.allowed_hosts):
        for expanded in _expansions(manifest, host):
            bare = TEMPLATE_NAME.sub("name", expanded).partition(":")[0] if "[" not in expanded else expanded
            if TEMPLATE_NAME.fullmatch(expanded) or _HOST_GLOB.fullmatch(bare):
                continue
            yield Problem(
                f"{manifest.where}, transport.allowed_hosts[{index}]",
                f"{shown(expanded)} is not a host, or it covers too much",
                "Write a host name, or a glob below a domain such as '*.example.com', in lower case, without https://",
            )
            break


def _addresses(manifest: Manifest) -> Iterator[Problem]:
    whole = {one.id for one in manifest.config_inputs if one.type == "url"}
    of_auth = {one.id for method in manifest.auth_methods for one in method.inputs if one.type == "url"}
    kept = {name for method in manifest.auth_methods for name in method.kept_names}
    allowed = {one for host in manifest.transport.allowed_hosts for one in _expansions(manifest, host)}
    for field, template, guarded in _address_templates(manifest):
        where = f"{manifest.where}, {field}"
        for address in _expansions(manifest, template):
            start = TEMPLATE_NAME.match(address)
            if start is not None and start[1] in kept:
                continue  # The token's reply names the host; the transport holds it to allowed_hosts.
            if start is not None and start[1] in of_auth and field != "transport.base_url":
                continue  # The administrator says where to sign in, and the request for a token may go there.
            if start is not None and start[1] in whole | of_auth:
                host = f"{{{start[1]}_host}}"
            else:
                parts = _URL.fullmatch(address)
                if parts is None:
                    yield Problem(where, f"{shown(template)} is not an address", "Write https://, host and path")
                    break
                host = parts["host"]
                if parts["scheme"] != "https" and not (parts["scheme"] == "http" and _LOOPBACK.fullmatch(host)):
                    yield Problem(where, f"{shown(template)} is not https", "Use https; http is for loopback only")
                    break
                if "@" in host:
                    yield Problem(where, "the address holds a user name", "Move credentials to [[auth.method]]")
                    break
            if guarded and not any(_covers(entry, host) for entry in allowed):
                yield Problem(
                    where,
                    f"host {shown(host)} is outside transport.allowed_hosts",
                    "Add the host, or a glob that covers it, to allowed_hosts",
                )
                break


def _address_templates(manifest: Manifest) -> Iterator[tuple[str, str, bool]]:
    """Field, template, and whether our own requests go there (a browser goes to the authorization page)."""
    yield "transport.base_url", manifest.transport.base_url, True
    for index, method in enumerate(manifest.auth_methods):
        field = f"auth.method[{index}]"
        if method.token is not None:
            yield f"{field}.token.url", method.token.url, True
            if method.token.refresh is not None and method.token.refresh.url is not None:
                yield f"{field}.token.refresh.url", method.token.refresh.url, True
        for number, step in enumerate(method.session.steps if method.session is not None else ()):
            yield f"{field}.session.step[{number}].url", step.url, True
        for number, lookup in enumerate(method.lookups):
            yield f"{field}.lookup[{number}].get", lookup.get, True
        if method.authorize is not None:
            yield f"{field}.authorize.url", method.authorize.url, False


def _covers(entry: str, host: str) -> bool:
    """Whether an allowed host covers the host; what inputs will say stands for one label."""
    if entry == host:
        return True
    if TEMPLATE_NAME.search(entry):
        return False  # the template must be the same on both sides
    bare = host if "[" in host else host.partition(":")[0]
    return fnmatchcase(TEMPLATE_NAME.sub("name", bare), entry)


def _expansions(manifest: Manifest, template: str) -> list[str]:
    """The template with every choice filled in; other inputs stay as they are."""
    choices = {one.id: one.choices for one in manifest.config_inputs if one.choices}
    for method in manifest.auth_methods:
        choices.update({one.id: one.choices for one in method.inputs if one.choices})
    names = [name for name in dict.fromkeys(TEMPLATE_NAME.findall(template)) if name in choices]
    filled: list[str] = []
    for values in product(*(choices[name] for name in names)):
        text = template
        for name, value in zip(names, values, strict=True):
            text = text.replace(f"{{{name}}}", value)
        filled.append(text)
        if len(filled) == _MOST_EXPANSIONS:
            break
    return filled
