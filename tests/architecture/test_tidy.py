"""House rules that no linter knows: sizes, docstrings, dangerous calls, tests that assert.

Each test names every place that breaks its rule, as file:line, and what to do about it.
"""

import ast
import re
import tomllib
import warnings
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ["app", "node_agent", "benchmarks", "scripts", "tests"]
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 600
MODULE_LINES_SOFT = 400
# Packages that pyright reads in its basic mode; pyproject.toml says why.
NOT_STRICT = {"app/gui", "node_agent/kernels"}

# Split, so that this line does not find itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
DANGEROUS = {
    "eval": "parse it",
    "exec": "write a function",
    "pickle.loads": "use msgspec",
    "pickle.load": "use msgspec",
    "yaml.load": "use yaml.safe_load",
    "os.system": "give subprocess a list",
    "numpy.load": "say allow_pickle=False",
}
# Calls that fail a test by themselves, beside an assert statement.
ASSERTING = re.compile(
    r"(^|\.)(assert|check|expect|verify|refused)|(^|\.)(raises|warns|fail|waitUntil|waitSignals?|assertNotEmitted)$"
)


@cache
def modules() -> dict[Path, ast.Module]:
    files = chain.from_iterable(sorted((ROOT / folder).rglob("*.py")) for folder in CODE)
    return {file: ast.parse(file.read_text(), str(file)) for file in files}


def place(file: Path, line: int = 1) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return function.end_lineno - function.lineno + 1


def test_functions_fit_a_screen():
    long = [
        f"{place(file, function.lineno)} {function.name}: {length(function)} lines"
        for file, tree in modules().items()
        for function in functions(tree)
        if length(function) > FUNCTION_LINES_MAX
    ]
    assert not long, f"split what passes {FUNCTION_LINES_MAX} lines"


def test_modules_stay_small():
    sizes = {file: len(file.read_text().splitlines()) for file in modules()}
    large = [place(file) for file, size in sizes.items() if size > MODULE_LINES_SOFT]
    if large:
        print(f"over {MODULE_LINES_SOFT} lines, think of a split:", *large, sep="\n    ")
    assert not [place(file) for file, size in sizes.items() if size > MODULE_LINES_MAX]


def test_every_module_says_what_lives_in_it():
    assert not [place(file) for file, tree in modules().items() if not ast.get_docstring(tree)]


def test_nothing_is_left_unfinished():
    marks = [
        place(file, number)
        for file in modules()
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not marks, "do it, or say in docs/ what is left open"


def test_no_dangerous_calls():
    assert not list(dangerous_calls())


def dangerous_calls() -> Iterator[str]:
    for file, tree in modules().items():
        for call in calls(tree):
            name = ast.unparse(call.func).replace("np.", "numpy.")
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            if given.get("shell") == "True":
                yield f"{place(file, call.lineno)} shell=True: give subprocess a list"
            if name in DANGEROUS and given.get("allow_pickle") != "False":
                yield f"{place(file, call.lineno)} {name}: {DANGEROUS[name]}"


def test_every_test_asserts_something():
    silent = [
        f"{place(file, function.lineno)} {function.name}"
        for file, tree in modules().items()
        if file.name.startswith("test_")
        for function in functions(tree)
        if function.name.startswith("test_") and not asserts(function)
    ]
    assert not silent


def asserts(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        ASSERTING.search(ast.unparse(call.func)) for call in calls(function)
    )


def test_pyright_is_strict_about_every_other_package():
    strict = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pyright"]["strict"]
    packages = {
        str(init.parent.relative_to(ROOT))
        for top in ("app", "node_agent")
        for init in (ROOT / top).glob("*/__init__.py")
    }
    assert packages == {name for name in strict if "*" not in name} | NOT_STRICT


@pytest.mark.parametrize(
    ("source", "is_asserting"),
    [
        ("assert x", True),
        ("with pytest.raises(E): f()", True),
        ("check_invariants(world)", True),
        ("run(world)", False),
    ],
)
def test_what_counts_as_an_assertion(source, is_asserting):
    assert asserts(ast.parse(source)) == is_asserting


def test_the_code_parses_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for file in modules():
            compile(file.read_text(), str(file), "exec")
    assert modules()
