"""A manifest is checked as a whole: what it says must fit together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gallery_sdk.manifest import Problem, find_problems, parse_manifest

if TYPE_CHECKING:
    from .conftest import Changed

Problems = Callable[[str], list[Problem]]

ACTIVE = """expression = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'"""
USER_NAME = 'source = "userPrincipalName"\nmatch = 1'
QUIRK = '[[quirk]]\nid = "{}"\nvalue = {}\nsource = "guide"\nread = 2026-11-23\ntest = "t"\n'


def test_a_sound_manifest_has_no_problem(sound: str, problems: Problems) -> None:
    """Not even a warning."""
    assert problems(sound) == []


@pytest.mark.parametrize(
    ("pairs", "where", "told"),
    [
        # identity
        (['slug = "fabrikam-desk"', 'slug = "Fabrikam_Desk"'], "slug", "is not a slug"),
        (['version = "1.0.0"', 'version = "1.0"'], "version", "'1.0' is not a semantic version"),
        (['license = "Apache-2.0"', 'license = "Apache 2"'], "license", "SPDX"),
        (['">=0.1,<1"', '"0.1 or later"'], "requires_sdk", "PEP 440"),
        (['["itsm"]', '["itms"]'], "categories[0]", "Did you mean 'itsm'"),
        (['["Ada Byron"]', '["Ada Byron", "Ada Byron"]'], "maintainers[1]", "is there twice"),
        (["https://docs.fabrikam", "http://docs.fabrikam"], "docs_url", "is not an https address"),
        # inputs, addresses, hosts
        (["{tenant}.fabrikam", "{tennant}.fabrikam"], "transport.base_url", "Did you mean 'tenant'"),
        (["{tenant}.fabrikam", "acme.fabrikam"], "config.input[0]", "'tenant' is declared and never used"),
        (["{tenant}.fabrikam", "{tenant.fabrikam"], "transport.base_url", "has a brace outside a {name}"),
        (["{tenant}.fabrikam", "{token}.fabrikam"], "transport.base_url", "{token} is a secret"),
        (["https://{tenant}", "http://{tenant}"], "transport.base_url", "is not https"),
        (["https://{tenant}", "https://me@{tenant}"], "transport.base_url", "holds a user name"),
        (["https://{tenant}", "{tenant}"], "transport.base_url", "is not an address"),
        (['"*.fabrikam.example"', '"fabrikam.example"'], "transport.base_url", "outside transport.allowed_hosts"),
        (['"*.fabrikam.example"', '"*"'], "transport.allowed_hosts[0]", "covers too much"),
        (['"*.fabrikam.example"', '"*.example"'], "transport.allowed_hosts[0]", "covers too much"),
        (['example = "acme"', "example = 7"], "config.input[0].example", "is not of type 'string'"),
        (['example = "acme"', 'pattern = "[a-z"'], "config.input[0].pattern", "not a regular expression"),
        (
            ['example = "acme"', 'example = "ACME"\npattern = "[a-z]+"'],
            "config.input[0].example",
            "does not match the pattern",
        ),
        (['example = "acme"', 'choices = ["acme"]'], "config.input[0].choices", "type 'choice'"),
        (['id = "tenant"', 'id = "token"'], "config.input[0].id", "is also an input of auth.method[0]"),
        # expressions and values
        ([ACTIVE, "expression = 'Swich([IsSoftDeleted])'"], "mapping.user[1].expression", "Switch"),
        ([ACTIVE, "expression = 'Switch([IsSoftDeleted]'"], "mapping.user[1].expression", ""),
        ([ACTIVE, 'constant = "sometimes"'], "mapping.user[1].constant", "no value of type 'boolean'"),
        (['source = "jobTitle"', 'constant = "Intern"'], "mapping.user[2].constant", "Use one of Manager, Member"),
        (
            ['enum = ["Manager", "Member"]', "", 'source = "jobTitle"', f'constant = "{"x" * 21}"'],
            "mapping.user[2].constant",
            "has 21 characters, and 'title' takes 20",
        ),
        (
            ['source = "jobTitle"', """expression = 'Split([jobTitle], ",")'"""],
            "mapping.user[2].expression",
            "yields several values, and 'title' takes one",
        ),
        ([ACTIVE, """expression = 'InStr([a], "b")'"""], "mapping.user[1].expression", "yields integer"),
        # targets
        (['target = "title"', 'target = "titel"'], "mapping.user[2].target", "Did you mean 'title'"),
        (['target = "title"', 'target = "id"'], "mapping.user[2].target", "'id' is never mapped"),
        (['target = "title"', 'target = "meta.created"'], "mapping.user[2].target", "'meta' is never mapped"),
        (['target = "title"', 'target = "userName"'], "mapping.user[2].target", "the target of mapping.user[0]"),
        (['target = "title"', "target = 'emails[type eq'"], "mapping.user[2].target", "emails[type eq"),
        (["max_length = 20", 'mutability = "readOnly"'], "mapping.user[2].target", "is readOnly"),
        (['target = "title"', 'target = "externalId"'], "mapping.user[2].when", 'Say when = "create"'),
        (['target = "title"', 'target = "title"\nid = "userName"'], "mapping.user[2].id", "already the id"),
        # required, matching
        ([USER_NAME, 'constant = "x"\nmatch = 1\nenabled = false'], "attribute.user[0]", "no enabled mapping fills it"),
        ([USER_NAME, 'source = "userPrincipalName"'], "mapping.user", "there is no matching attribute"),
        (
            ['source = "jobTitle"', 'source = "jobTitle"\nmatch = 1'],
            "mapping.user[2].match",
            "1 is already used by 'userName'",
        ),
        ([USER_NAME, USER_NAME.replace("1", "2")], "mapping.user[0].match", "precedence 1 is missing"),
        ([USER_NAME, 'constant = "x"\nmatch = 1'], "mapping.user[0].match", "cannot tell objects apart"),
        (
            [USER_NAME, "expression = 'SelectUniqueValue([a], [b], [c])'\nmatch = 1"],
            "mapping.user[0].match",
            "never finds the account",
        ),
        (
            ['"filter:userName-eq", ', "", '["read", "create", "update", "deactivate"]', '["create", "deactivate"]'],
            "mapping.user[0].match",
            "can neither be filtered on nor be found by listing",
        ),
        (['source = "manager"', 'source = "manager"\nmatch = 2'], "mapping.user[3].match", "a reference is no"),
        # references, members
        (
            ['source = "manager"\nreference = "user"', 'source = "manager"\nreference = "group"'],
            "mapping.user[3].reference",
            "'group' is not what the attribute refers to ('user')",
        ),
        (
            ['source = "members"\nreference = "user"', 'source = "members"'],
            "mapping.group[1]",
            "members need a source and a reference",
        ),
        (['"delete", "members"]', '"delete"]'], "mapping.group[1].target", "capabilities.group has no 'members'"),
        # capabilities, lifecycle
        (
            ['group = ["read", "create", "update", "delete", "members"]\n', ""],
            "mapping.group",
            "capabilities.group is empty",
        ),
        (['"update", "deactivate"]', '"update"]'], "lifecycle.on_unassign", "'deactivate', the default,"),
        (
            ["[[config.input]]", '[lifecycle]\non_delete = "delete"\n[[config.input]]'],
            "lifecycle.on_delete",
            "'delete' is not among capabilities.user",
        ),
        (
            ['"delete", "members"]', '"members"]', "[[quirk]]", '[lifecycle]\non_group_delete = "delete"\n[[quirk]]'],
            "lifecycle.on_group_delete",
            "not among capabilities.group",
        ),
        ([ACTIVE, "constant = true"], "mapping.user", "no mapping depends on IsSoftDeleted"),
        # quirks
        (['test = "members_over_the_limit_are_split"\n', ""], "quirk[0].test", "without test"),
        (["read = 2026-11-23\n", ""], "quirk[0].read", "without read"),
        (['source = "vendor guide, Groups"\n', ""], "quirk[0].source", "without source"),
        (
            ["[[limit]]", QUIRK.format("members.max_per_request", 50) + "[[limit]]"],
            "quirk[1].id",
            "declared twice for groups",
        ),
        (
            [
                "[[limit]]",
                QUIRK.format("patch.unsupported", "true") + QUIRK.format("put.forbidden", "true") + "[[limit]]",
            ],
            "quirk[2].id",
            "'patch.unsupported' and 'put.forbidden' are both declared for users",
        ),
        (
            ["[[limit]]", QUIRK.format("filter.only", '["displayName"]') + "[[limit]]"],
            "capabilities.features",
            "filter:userName-eq is not among the paths of quirk 'filter.only'",
        ),
        (
            ["[[limit]]", QUIRK.format("filter.unsupported", "true") + "[[limit]]"],
            "capabilities.features",
            "at odds with quirk 'filter.unsupported'",
        ),
        (
            ["[[limit]]", QUIRK.format("delete.unsupported", "true") + "[[limit]]"],
            "capabilities.group",
            "'delete' is at odds with quirk 'delete.unsupported'",
        ),
        (
            ["[[limit]]", QUIRK.format("external_id.not_stored", "true") + "[[limit]]",
             'source = "jobTitle"', 'source = "jobTitle"\nmatch = 2', 'target = "title"', 'target = "externalId"'],
            "mapping.user[2].match",
            "cannot be looked up",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_an_error(
    changed: Changed, problems: Problems, pairs: list[str], where: str, told: str
) -> None:
    """Each problem has its place, the value found and the next step."""
    found = [one for one in problems(changed(*pairs)) if one.where == f"connector.toml, {where}"]

    assert [one for one in found if told in str(one) and one.severity == "error"], problems(changed(*pairs))


@pytest.mark.parametrize(
    ("pairs", "where", "told"),
    [
        pytest.param(
            [ACTIVE, 'source = "accountEnabled"'],
            "mapping.user[1].source",
            "active follows accountEnabled",
            id="active from accountEnabled",
        ),
        pytest.param(
            [ACTIVE, """expression = 'Switch([accountEnabled], , "True", "True", "False", "False")'"""],
            "mapping.user[1].expression",
            "Use Switch([IsSoftDeleted]",
            id="active from accountEnabled by an expression",
        ),
        pytest.param(
            ['source = "manager"\nreference = "user"', 'source = "manager"'],
            "mapping.user[3].reference",
            "the mapping sends the source's own value",
            id="reference sent as it is",
        ),
        pytest.param(['summary = "Users', '# "Users'], "summary", "nothing to choose by", id="no summary"),
        pytest.param(['source = "vendor guide, Limits"\n', ""], "limit[0].source", "names no source", id="no source"),
        pytest.param(
            ['source = "jobTitle"', "expression = 'tolower([jobTitle])'"],
            "mapping.user[2].expression",
            "spelt ToLower",
            id="lint of an expression",
        ),
    ],
)
def test_what_deserves_a_look_is_a_warning(
    changed: Changed, problems: Problems, pairs: list[str], where: str, told: str
) -> None:
    """It does not refuse the manifest, and nothing else is reported."""
    (found,) = problems(changed(*pairs))

    assert (found.where, found.severity) == (f"connector.toml, {where}", "warning")
    assert told in str(found)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("xoxp-" + "2345678901-ab12", id="Slack"),
        pytest.param("ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2", id="GitHub"),
        pytest.param("AKIA" + "IOSFODNN7EXAMPLE", id="AWS"),
        pytest.param("-----BEGIN " + "PRIVATE KEY-----", id="private key"),
        pytest.param("eyJhbGciOiJI." + "eyJzdWIiOiIxMjM0", id="JWT"),
        pytest.param("Zk93hQ7xLp2Vt8Rb" + "N5mYcD1wS4jKfGa6", id="random characters"),
        pytest.param("9f86d081884c7d65" + "9a2feaa0c55ad015a3bf4f1b", id="hexadecimal"),
    ],
)
def test_a_secret_anywhere_is_found_and_not_repeated(changed: Changed, problems: Problems, secret: str) -> None:
    """Manifests are public."""
    found = problems(changed('example = "acme"', f'example = "{secret}"'))

    assert [one.where for one in found] == ["connector.toml, config.input[0].example"]
    assert secret not in str(found[0])


@pytest.mark.parametrize(
    "harmless",
    [
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
        "https://learn.microsoft.com/entra/identity/saas-apps/slack-provisioning-tutorial",
        "members_over_the_limit_are_split_into_batches_of_one_hundred",
        "MicrosoftDocs/entra-docs docs/identity/saas-apps/PresentationTutorial2024.md",
        "improper_enterprise_schema_format",
    ],
)
def test_ordinary_long_words_are_no_secrets(changed: Changed, problems: Problems, harmless: str) -> None:
    """A check that cries wolf is switched off."""
    assert problems(changed("vendor guide, Groups", harmless)) == []


def test_an_address_that_an_input_gives_whole_is_held_to_its_own_host(changed: Changed, problems: Problems) -> None:
    """As in a generic connector: the URL is not known beforehand, and still no other host may be reached."""
    generic = changed(
        'id = "tenant"', 'id = "url"\ntype = "url"',
        "https://{tenant}.fabrikam.example/scim/v2", "{url}",
        '"*.fabrikam.example"', '"{url_host}"',
        'example = "acme"', 'example = "https://scim.fabrikam.example/v2"',
    )  # fmt: skip

    assert problems(generic) == []
    (found,) = problems(generic.replace('"{url_host}"', '"scim.fabrikam.example"'))
    assert "host '{url_host}' is outside transport.allowed_hosts" in found.what


def test_a_generic_connector_declares_no_mappings(changed: Changed, sound: str, problems: Problems) -> None:
    """They are proposed from what the target says of itself."""
    bare = sound[: sound.index("[[attribute.user]]")] + sound[sound.index("[[quirk]]") :]

    assert "nothing is mapped" in problems(bare)[0].what
    assert problems(bare.replace('"paging:index"]', '"paging:index", "discovered"]')) == []


def test_every_choice_of_an_input_must_stay_inside_the_allowed_hosts(changed: Changed, problems: Problems) -> None:
    """A region is part of the host name."""
    regional = changed(
        'example = "acme"', 'type = "choice"\nchoices = ["eu", "us"]',
        '"*.fabrikam.example"', '"eu.fabrikam.example", "us.fabrikam.example"',
    )  # fmt: skip

    assert problems(regional) == []
    (found,) = problems(regional.replace('choices = ["eu", "us"]', 'choices = ["eu", "ap"]'))
    assert "host 'ap.fabrikam.example' is outside" in found.what


def test_a_token_address_must_stay_inside_the_allowed_hosts(changed: Changed, problems: Problems) -> None:
    """Client secrets go there."""
    oauth = changed(
        'kind = "bearer_token"', 'kind = "oauth2_client_credentials"\n'
        'token = { url = "https://login.elsewhere.example/token", client_secret = "{token}", client_id = "{token}" }',
    )  # fmt: skip

    (found,) = problems(oauth)

    assert found.where == "connector.toml, auth.method[0].token.url"
    assert "login.elsewhere.example" in found.what


def test_plain_http_is_for_loopback_only(changed: Changed, problems: Problems) -> None:
    """Twins listen there."""
    local = changed("https://{tenant}.fabrikam.example/scim/v2", "http://127.0.0.1:8080/{tenant}",
                    '"*.fabrikam.example"', '"127.0.0.1"')  # fmt: skip

    assert problems(local) == []


def test_an_input_for_the_connectors_code_need_not_be_in_a_template(changed: Changed, problems: Problems) -> None:
    """Its author says so."""
    text = changed("[[auth.method]]", '[[config.input]]\nid = "send_mail"\ntype = "boolean"\n[[auth.method]]')

    assert "never used" in problems(text)[0].what
    assert problems(text.replace('"send_mail"', '"send_mail"\nused_by = "code"')) == []


def test_an_address_must_not_depend_on_the_method_that_is_chosen(changed: Changed, problems: Problems) -> None:
    """Every method gives what the address needs."""
    text = changed(
        'id = "tenant"\ntitle = "Tenant"\nrequired = true\nexample = "acme"', 'id = "unused"\nused_by = "code"',
        '[[auth.method.input]]\nid = "token"',
        '[[auth.method.input]]\nid = "tenant"\n[[auth.method.input]]\nid = "token"',
        "[[attribute.user]]", '[[auth.method]]\nid = "anonymous"\nkind = "none"\n[[attribute.user]]',
    )  # fmt: skip

    (found,) = problems(text)

    assert (found.where, found.what) == (
        "connector.toml, auth.method[1]",
        "transport uses {tenant}, which this method does not give",
    )


def test_a_target_that_is_not_scim_has_names_of_its_own(changed: Changed, problems: Problems) -> None:
    """Columns are no SCIM paths."""
    rest = changed(
        "[transport]", '[transport]\nkind = "rest"',
        'name = "title"', 'name = "u_title (custom)"',
        'target = "title"', 'target = "u_title (custom)"',
    )  # fmt: skip

    assert problems(rest) == []


def test_a_path_is_checked_as_a_manifest_is(tmp_path: Path, sound: str, changed: Changed) -> None:
    """What cannot be read is a problem, not an exception."""
    file = tmp_path / "connector.toml"
    file.write_text(changed("value = 100", "value = 0"))

    assert find_problems(tmp_path / "absent.toml")[0].what == "there is no such file"
    assert find_problems(file)[0].where == f"{file}, quirk[0]"
    file.write_text(sound)
    assert find_problems(str(file)) == find_problems(parse_manifest(sound)) == []
