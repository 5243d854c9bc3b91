"""What a compiled expression says of itself, and how it reads attributes."""

from __future__ import annotations

import pytest

from gallery_sdk.errors import ExpressionEvaluationError, PluginError
from gallery_sdk.expressions import (
    EvaluationContext,
    FunctionFailure,
    FunctionRegistry,
    FunctionSpec,
    Parameter,
    ResultType,
    StringConstant,
    compile_expression,
)


@pytest.mark.parametrize(
    ("text", "result_type", "can_be_null"),
    [
        ("[mail]", ResultType.ANY, True),
        ('"x"', ResultType.STRING, False),
        ('""', ResultType.STRING, True),
        ("7", ResultType.INTEGER, False),
        ("[a] = [b]", ResultType.BOOLEAN, False),
        ("ToLower([a])", ResultType.STRING, True),
        ('Join("", "CN=", [a])', ResultType.STRING, False),
        ('Join("", [a], [b])', ResultType.STRING, True),
        ('Coalesce([a], "x")', ResultType.ANY, False),
        ('Coalesce(ToLower([a]), "x")', ResultType.STRING, False),
        ('IIF([a] = "1", "x", "y")', ResultType.STRING, False),
        ('IIF([a] = "1", "x", IgnoreAttributeFlow)', ResultType.STRING, True),
        ('Switch([a], , "1", "x")', ResultType.STRING, True),
        ('Switch([a], "d", "1", "x")', ResultType.STRING, False),
        ('Switch([a], 1, "1", "x")', ResultType.ANY, False),
        ('CDate("2025-01-01")', ResultType.DATETIME, False),
        ('Split([a], ",")', ResultType.LIST, True),
        ("AppRoleAssignmentsComplex([a])", ResultType.ROLES, True),
        ("Guid()", ResultType.STRING, False),
        ('Redact(ToLower("X"))', ResultType.STRING, False),
        ("IgnoreFlowIfNullOrEmpty([a])", ResultType.ANY, True),
    ],
)
def test_the_kind_of_the_value_is_known_before(text: str, result_type: ResultType, can_be_null: bool) -> None:
    """A manifest can be checked without evaluating anything."""
    compiled = compile_expression(text)

    assert (compiled.result_type, compiled.can_be_null) == (result_type, can_be_null)


def test_inputs_redaction_constancy_and_uniqueness_are_known() -> None:
    """What the engine asks of an expression once per job."""
    compiled = compile_expression('Join(" ", Redact([a]), IIF([b] = "x", [name.givenName], Guid()))')

    assert compiled.inputs == {"a", "b", "name.givenName"}
    assert compiled.redacted and not compiled.is_constant and not compiled.selects_unique
    assert compile_expression('ToUpper(Append("a", "b"))').is_constant
    assert not compile_expression('Append("a", Guid())').is_constant
    assert compile_expression("SelectUniqueValue([a], [b])").selects_unique


def test_the_mark_of_a_disabled_object_has_one_name(context: EvaluationContext) -> None:
    """Pages spell it in two ways; the engine looks for one."""
    compiled = compile_expression('Switch([isSoftDeleted], , "False", "True", "True", "False")')

    assert compiled.inputs == {"IsSoftDeleted"}
    assert compiled({"IsSoftDeleted": "True"}, context) == "False"


def test_an_attribute_is_found_in_another_case_unless_that_is_ambiguous(context: EvaluationContext) -> None:
    """Exact first, then the only one alike, else null; also when objects differ in what they have."""
    compiled = compile_expression("[Mail]")

    assert compiled({}, context) is None
    assert compiled({"x": "1"}, context) is None
    assert compiled({"mail": "a"}, context) == "a"
    assert compiled({"x": "1", "mail": "a"}, context) == "a"
    assert compiled({"mail": "a", "MAIL": "b"}, context) is None
    assert compiled({"Mail": "c", "mail": "a"}, context) == "c"
    assert compiled({"Mail": None, "mail": "a"}, context) is None


def test_a_directory_extension_is_case_sensitive(context: EvaluationContext) -> None:
    """Source: customize-application-attributes, "Directory extension attributes are case-sensitive"."""
    name = "extension_0123_costCentre"

    assert compile_expression(f"[{name}]")({name: "47"}, context) == "47"
    assert compile_expression(f"[{name}]")({name.lower(): "47"}, context) is None


def test_a_value_is_not_shared_between_objects(context: EvaluationContext) -> None:
    """A list that the engine changes is not the list of the next object."""
    compiled = compile_expression('Split("a,b", ",")')

    first = compiled({}, context)
    assert isinstance(first, list)
    first.clear()

    assert compiled({}, context) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ToLower([mail])", []),
        ("tolower([mail])", ["function-case"]),
        ("ToLower([Mail])", ["attribute-case"]),
        ("ToLower([male])", ["unknown-attribute"]),
        ('"a" & [mail]', ["extended-operator"]),
        ("Trim([mail])", ["extended-function"]),
        ('InStr([mail], "@", 1, VBTextCompare)', ["word-case"]),
        ('IIF(IsNull([mail]), "x", ignoreattributeflow)', ["word-case"]),
        ('Replace([mail], "a", "b", , "c", , )', ["unused-argument"]),
        (r'Replace([mail], , "(?<n>.*)@", , "${n}", , )', ["unanchored-pattern"]),
        (r'Replace([mail], , "^(?<n>.*)@.*", , "${n}", , )', []),
        ('CDate("someday")', ["always-fails"]),
    ],
)
def test_what_works_but_deserves_a_look_is_noted(text: str, codes: list[str]) -> None:
    """Lints refuse nothing."""
    compiled = compile_expression(text, attributes=["mail"])

    assert [lint.code for lint in compiled.lints] == codes


@pytest.mark.parametrize("condition", ['[a] = ""', "IsNullOrEmpty([a])", "IsPresent([a])"])
def test_conditions_that_entra_does_not_support_are_noted_on_request(condition: str) -> None:
    """The three documented shapes work here; whoever exports wants to know."""
    text = f'IIF({condition}, "x", "y")'

    assert not compile_expression(text).lints
    assert [lint.code for lint in compile_expression(text, compatibility="entra-strict").lints] == ["null-condition"]


def test_a_tree_compiles_as_its_text_does(context: EvaluationContext) -> None:
    """Trees come from imported schemas."""
    compiled = compile_expression(StringConstant('say "a"'))

    assert compiled.text == r'"say \"a\""'
    assert compiled({}, context) == 'say "a"'


def _shout(arguments: object) -> object:
    assert isinstance(arguments, list)
    return "-".join(str(one) for one in arguments)


def test_a_registered_function_gets_its_supplied_arguments(
    registry: FunctionRegistry, context: EvaluationContext
) -> None:
    """Omitted and null arguments are None, trailing omitted ones are not there; any case calls it."""
    parameters = (Parameter("text"), Parameter("mark", required=False), Parameter("end", required=False))
    registry.register(FunctionSpec("Shout", parameters, ResultType.STRING, _shout, source="acme"))

    assert compile_expression('shout([a], , "z")', functions=registry)({}, context) == "None-None-z"
    assert compile_expression("Shout([a], )", functions=registry)({"a": 1}, context) == "1"
    assert "Shout" not in FunctionRegistry()


def test_a_function_that_breaks_fails_the_object_without_its_message(
    registry: FunctionRegistry, context: EvaluationContext
) -> None:
    """The message of a stray exception may hold the value; the kind does not."""

    def broken(arguments: object) -> object:
        raise ValueError(f"cannot read {arguments}")

    def careful(arguments: object) -> object:
        raise FunctionFailure("the number has no check digit", "Correct the badge")

    registry.register(FunctionSpec("Broken", (Parameter("x"),), ResultType.STRING, broken, source="acme"))
    registry.register(FunctionSpec("Careful", (Parameter("x"),), ResultType.STRING, careful, source="acme"))

    with pytest.raises(ExpressionEvaluationError, match=r"Broken failed with ValueError\. Report it .*acme") as raised:
        compile_expression("Broken([a])", functions=registry)({"a": "private"}, context)
    assert "private" not in str(raised.value)
    with pytest.raises(ExpressionEvaluationError, match="no check digit"):
        compile_expression("Careful([a])", functions=registry)({"a": "private"}, context)


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        (FunctionSpec("tolower", (), ResultType.STRING, _shout), "is taken"),
        (FunctionSpec("To Lower", (), ResultType.STRING, _shout), "not a function name"),
        (FunctionSpec("New", (), ResultType.STRING), "no implementation"),
        (FunctionSpec("New", (Parameter("a", repeating=True), Parameter("b")), ResultType.STRING, _shout), "not last"),
    ],
)
def test_a_function_that_cannot_be_called_is_not_registered(
    registry: FunctionRegistry, spec: FunctionSpec, what: str
) -> None:
    """Found when the plugin is loaded, not when its expression runs."""
    with pytest.raises(PluginError, match=what):
        registry.register(spec)


def test_every_function_is_documented(registry: FunctionRegistry) -> None:
    """A list of functions needs no other page."""
    for spec in registry:
        assert spec.documentation.endswith("."), spec.name
        assert spec.source.startswith("learn.microsoft.com/"), spec.name
    assert {spec.dialect for spec in registry} == {"entra", "extended"}
    assert len([spec for spec in registry if spec.dialect == "entra"]) == 43


def test_parameters_know_their_keys_in_a_synchronization_schema(registry: FunctionRegistry) -> None:
    """Source: learn.microsoft.com/graph/api/synchronization-synchronizationschema-functions."""
    replace, switch = registry.get("Replace"), registry.get("Switch")
    assert replace is not None and switch is not None

    assert [one.tree_key for one in replace.parameters] == [
        "source", "Find", "RegularExpression", "RegularExpressionGroupName", "Replacement",
        "ReplacementPropertyName", "Template",
    ]  # fmt: skip
    assert [switch.parameter(index).tree_key for index in range(6)] == ["source", "defaultValue"] + ["switchValue"] * 4
