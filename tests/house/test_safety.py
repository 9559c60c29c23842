"""Nothing in the package can be made to run code that a file brings along."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CODE_CARRIERS = {
    "pickle",
    "cPickle",
    "_pickle",
    "cloudpickle",
    "joblib",
    "dill",
    "marshal",
    "shelve",
}
CALLS = {"eval", "exec", "torch.load", "yaml.load", "yaml.load_all", "yaml.unsafe_load"}
METHODS = {"read_pickle", "to_pickle"}
TRUSTING = {"allow_pickle", "trust_remote_code"}


def violations(source: str) -> list[str]:
    """List what in a module could run foreign code, as ``line: what``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            names = [name for name in names if name in CALLS or _root(name) in CODE_CARRIERS]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Reaching a module by its name: optional.load("joblib:load").
            names = [node.value.replace(":", ".")]
            names = names if node.value.isidentifier() or ":" in node.value else []
        elif isinstance(node, ast.Call):
            found += [f"{node.lineno}: {what}" for what in _call(node)]
            continue
        else:
            continue
        found += [
            f"{node.lineno}: {name}"
            for name in names
            if _root(name) in CODE_CARRIERS or name in CALLS
        ]
    return found


def _root(dotted: str) -> str:
    return dotted.partition(".")[0]


def _call(node: ast.Call) -> list[str]:
    name = ast.unparse(node.func)
    found = [name] if name in CALLS or name.rpartition(".")[2] in METHODS else []
    if name == "torch.load" and _only_weights(node):
        found = []
    for keyword in node.keywords:
        value = keyword.value
        harmless = isinstance(value, ast.Constant) and value.value is False
        if keyword.arg in TRUSTING and not harmless:
            found.append(f"{name}({keyword.arg}={ast.unparse(value)})")
    return found


def _only_weights(node: ast.Call) -> bool:
    """Tell whether PyTorch's reader is bound to tensors, in so many words."""
    return any(
        keyword.arg == "weights_only"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for keyword in node.keywords
    )


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as p",
        "from joblib import load",
        "from cloudpickle.fast import dumps",
        "from torch import load",
        "import torch; torch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.load(path, weights_only=flag)",
        "optional.load('torch:load', extra='')(path)",
        "import yaml; yaml.load(text, Loader=yaml.Loader)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=flag)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "eval('1 + 1')",
        "exec(text)",
        "optional.load('joblib:load', extra='')",
        "import_module('pickle')",
        "pd.read_pickle(path)",
    ],
)
def test_a_way_to_run_foreign_code_is_found(source: str) -> None:
    assert violations(source)


@pytest.mark.parametrize(
    "source",
    [
        "np.load(path, allow_pickle=False)",
        "torch.load(path, weights_only=True)",
        "import json",
        "message = 'no pickle, ever'",
        "model.eval()",
        "from safetensors.numpy import load",
    ],
)
def test_a_harmless_line_is_let_through(source: str) -> None:
    assert not violations(source)


def test_row_12_the_package_has_no_way_to_run_foreign_code(root: Path) -> None:
    modules = list((root / "src" / "newsdesk").rglob("*.py"))
    assert modules
    found = [
        f"{path.relative_to(root)}:{violation}"
        for path in modules
        for violation in violations(path.read_text(encoding="utf-8"))
    ]
    assert not found
