"""What `gallery add` must know: taken from the options, asked for on a terminal, or listed as missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .asking import ask, ask_choice, ask_file, ask_secret, variable
from .workspaces import secret_schemes

if TYPE_CHECKING:
    from ..manifest import AuthInput, AuthMethod, Input, Manifest

_URL_INPUTS: Final = ("url", "base_url")


class Answers:
    """Collects the content of an app's file.

    Attributes:
        asks: Whether questions may be asked.
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        asks: bool,
        given: tuple[str, ...],
        url: str | None,
        files: tuple[str | None, str | None, str | None],
        key: str | None,
        root: Path,
    ) -> None:
        """`given` are the texts KEY=VALUE; `files` those of people, groups and members."""
        self.asks = asks
        self._manifest, self._url, self._files, self._key, self._root = manifest, url, files, key, root
        self._given = dict(_pair(one) for one in given)
        self._missing: list[tuple[str, str]] = []  # in words, and the option to give

    def name(self, given: str | None, check: Callable[[str], None]) -> str | None:
        """The app's name; None if it is missing and nobody can be asked."""
        if given is not None:
            return given
        if self.asks:
            return ask("Name of the app here", default=f"{self._manifest.slug}-prod", check=check)
        self._missing.append(("name", f"--name {self._manifest.slug}-prod"))
        return None

    def collect(self, name: str, method: str | None) -> dict[str, Any]:
        """The tables of the file.

        Raises:
            UsageError: Inputs are missing, all of them in one message; an option names no input.
        """
        self._refuse_unknown(self._manifest.auth_methods)
        values: dict[str, Any] = {"connector": self._manifest.slug}
        url, settings = self._settings()
        if url is not None:
            values["url"] = url
        if settings:
            values["settings"] = settings
        chosen = self._method(method)
        if chosen is not None:
            self._refuse_unknown((chosen,))
            values["auth"] = self._auth(name, chosen)
        values["source"] = self._source()
        self._refuse_missing()
        return values

    # -- settings ------------------------------------------------------------------------------------

    def _settings(self) -> tuple[str | None, dict[str, Any]]:
        """The address and the other settings."""
        url, settings = self._url, {}
        for one in self._manifest.config_inputs:
            if one.id in _URL_INPUTS:
                url = self._given.get(one.id, url)
                if url is None:
                    answer = self._value(one, "--url https://...")
                    url = None if answer is None else str(answer)
                continue
            answer = typed(one, self._given[one.id]) if one.id in self._given else self._value(one, None)
            if answer is not None:
                settings[one.id] = answer
        return url, settings

    def _value(self, one: Input, option: str | None) -> str | bool | int | None:
        """One input that no option gave."""
        if self.asks:
            text = ask(
                one.title or one.id, help_text=one.help, example=one.example, choices=one.choices,
                default=None if one.default is None else _text(one.default), optional=not one.required,
                check=lambda text: self._check(one, text),
            )  # fmt: skip
            return typed(one, text) if text and text != _text(one.default) else None
        if one.required and one.default is None:
            example = one.example if one.example is not None else one.choices[0] if one.choices else "..."
            self._missing.append((one.title or one.id, option or f"--set {one.id}={_text(example)}"))
        return None

    def _check(self, one: Input, text: str) -> None:
        """Refuse an answer at once that the file would be refused for.

        Raises:
            UsageError: It does not fit the input.
        """
        from ..apps import find_connection_problems, parse_app
        from ..errors import UsageError

        is_url = one.id in _URL_INPUTS
        tables: dict[str, Any] = {"url": text} if is_url else {"settings": {one.id: typed(one, text)}}
        if is_url:
            tables["settings"] = {one.id: text}  # the same value, checked by the type of the input
        app = parse_app({**tables, "connector": self._manifest.slug, "source": {"kind": "csv"}}, "new")
        for problem in find_connection_problems(app, self._manifest):
            if problem.where.endswith(f"settings.{one.id}") and "missing" not in problem.what:
                raise UsageError(problem.what, one.title or one.id, problem.mend)

    # -- credentials ---------------------------------------------------------------------------------

    def _method(self, wanted: str | None) -> AuthMethod | None:
        from ..errors import UsageError
        from ..manifest.problems import did_you_mean

        methods = {one.id: one for one in self._manifest.auth_methods}
        if wanted is not None and wanted not in methods:
            known = f"Use one of {', '.join(methods)}" if methods else "Leave it out; this connector signs in nowhere"
            raise UsageError(
                f"{self._manifest.slug} has no way '{wanted}' to sign in",
                "--auth",
                did_you_mean(wanted, methods, known),
            )
        if not methods:
            return None
        if wanted is None and self.asks and len(methods) > 1:
            titles = {one.id: one.title or one.kind.replace("_", " ") for one in methods.values()}
            wanted = ask_choice("How to sign in", titles)
        return methods[wanted] if wanted is not None else next(iter(methods.values()))

    def _auth(self, name: str, method: AuthMethod) -> dict[str, Any]:
        auth: dict[str, Any] = {"method": method.id}
        for one in method.inputs:
            answer = self._given.get(one.id)
            if answer is None:
                answer = self._credential(name, one)
            elif one.type == "secret":
                self._refuse_literal(name, one.id, answer)
            if answer is not None:
                auth[one.id] = answer
        return auth

    def _refuse_literal(self, name: str, secret: str, answer: str) -> None:
        """Refuse a secret that was typed where its place is asked for; it is not shown.

        Raises:
            UsageError: It is no reference.
        """
        from ..apps.secret_references import is_reference
        from ..errors import UsageError

        schemes = secret_schemes()
        if not is_reference(answer, schemes):
            others = ", ".join(f"{one}:…" for one in schemes if one != "env")
            raise UsageError(
                "is a secret, and must not be written here",
                f"--set {secret}",
                f"Put it into the environment and give --set {secret}=env:{variable(name, secret)} (or {others}); "
                "the shell may have kept what was typed",
            )

    def _credential(self, name: str, one: AuthInput) -> str | None:
        secret = one.type == "secret"
        if self.asks and (one.required or secret):
            if secret:
                return ask_secret(
                    name, one.id, title=one.title or one.id, help_text=one.help, optional=not one.required
                )
            return ask(
                one.title or one.id, help_text=one.help, example=one.example or None, choices=one.choices,
                default=one.default, optional=not one.required, check=lambda _text: None,
            ) or None  # fmt: skip
        if one.required and one.default is None:
            place = f"env:{variable(name or self._manifest.slug, one.id)}" if secret else one.example or "..."
            self._missing.append((one.title or one.id, f"--set {one.id}={place}"))
        return None

    # -- source --------------------------------------------------------------------------------------

    def _source(self) -> dict[str, Any]:
        people, groups, members = self._files
        has_groups = bool(self._manifest.capabilities.group)
        if people is None and self.asks:
            people = ask_file("File of people (CSV or JSON Lines)", self._root, default="people.csv", optional=False)
            if has_groups and groups is None:
                groups = ask_file("File of groups, if any", self._root, default="groups.csv", optional=True)
            if groups is not None and members is None:
                question = "File of memberships, unless the groups name their members"
                members = ask_file(question, self._root, default="memberships.csv", optional=True)
        if people is None:
            self._missing.append(("people", "--source people.csv"))
            return {}
        from .source_files import form_of, key_column, kind_of

        kind = kind_of(people, groups, members)
        form = form_of(self._root, people, kind)
        key = key_column(self._root, {"kind": kind, "users": people, **form}, self._key, asks=self.asks)
        source = {"kind": kind, "users": people, "groups": groups, "members": members, "key": key, **form}
        return {name: value for name, value in source.items() if value is not None}

    # -- refusing ------------------------------------------------------------------------------------

    def _refuse_unknown(self, methods: tuple[AuthMethod, ...]) -> None:
        from ..errors import UsageError
        from ..manifest.problems import did_you_mean

        known = [one.id for one in self._manifest.config_inputs]
        known += [one.id for method in methods for one in method.inputs]
        for name in self._given:
            if name not in known:
                mend = did_you_mean(name, known, f"Known are {', '.join(known) or 'none'}")
                raise UsageError(f"'{name}' is not an input of {self._manifest.slug}", "--set", mend)

    def _refuse_missing(self) -> None:
        from ..errors import UsageError

        if self._missing:
            what = ", ".join(words for words, _ in self._missing)
            options = " ".join(option for _, option in self._missing)
            raise UsageError(f"missing: {what}", f"gallery add {self._manifest.slug}", f"Add {options}")


def typed(one: Input, text: str) -> str | bool | int:
    """The text as the type of the input; one that does not fit is left as it is, to be refused with its reason."""
    if one.type == "boolean":
        return {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}.get(text.lower(), text)
    if one.type == "integer" and text.strip().lstrip("-").isdecimal():
        return int(text)
    return text


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        # Without showing it: it may be a secret whose name was forgotten.
        raise click.BadParameter("what is given is not of the form key=value.", param_hint="--set")
    return name, value
