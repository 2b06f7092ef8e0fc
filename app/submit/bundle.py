"""A job bundle on disk, as submitters of OpenJD save it: a template, its parameters' values, the files it names.

Reads and names faults; what a template means is the OpenJD library's to say (``from_openjd``).
"""

# What YAML and JSON hold is anything.
# pyright: basic

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import EnvironmentFault, UserMistake

FILE_BYTES_MAX = 8 << 20
ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is in the folder."""

    folder: Path
    template: dict[str, Any]
    parameters: dict[str, Any]
    """By name, as the files give them."""
    hints: dict[str, Any]
    """Values that are for a farm, not for the template: 'deadline:maxRetriesPerTask' and such."""
    inputs: list[str] = field(default_factory=list[str])
    """Files that the job reads."""
    outputs: list[str] = field(default_factory=list[str])
    """Folders that it writes to."""


def is_bundle(path: str | Path) -> bool:
    """Tell whether a path is a job bundle: a folder with a template."""
    return Path(path).is_dir() and _find(Path(path), "template") is not None


def read_bundle(path: str | Path) -> Bundle:
    """Read a bundle. Raises UserMistake, EnvironmentFault."""
    folder = Path(path).expanduser().absolute()
    file = _find(folder, "template")
    if file is None:
        raise UserMistake(f"{folder} is no job bundle: it has no template.yaml or template.json.")
    given = _values(folder)
    inputs, outputs = _assets(folder)
    return Bundle(
        folder=folder,
        template=read_document(file),
        parameters={name: value for name, value in given.items() if ":" not in name},
        hints={name: value for name, value in given.items() if ":" in name},
        inputs=inputs,
        outputs=outputs,
    )


def read_document(file: Path) -> dict[str, Any]:
    """Read a YAML or JSON file that holds an object. Raises UserMistake, EnvironmentFault."""
    from openjd.model import DocumentType, document_string_to_object

    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise UserMistake(f"{file} is over {FILE_BYTES_MAX >> 20} MiB.")
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise EnvironmentFault(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserMistake(f"{file} is not UTF-8 text.") from error
    kind = DocumentType.JSON if file.suffix == ".json" else DocumentType.YAML
    try:
        return document_string_to_object(document=text, document_type=kind)
    except ValueError as error:  # the library's DecodeValidationError is one
        raise UserMistake(f"{file} cannot be read: {' '.join(str(error).split())[:300]}") from error


def _find(folder: Path, stem: str) -> Path | None:
    paths = (folder / f"{stem}{ending}" for ending in ENDINGS)
    return next((path for path in paths if path.is_file()), None)


def _values(folder: Path) -> dict[str, Any]:
    file = _find(folder, "parameter_values")
    if file is None:
        return {}
    entries = read_document(file).get("parameterValues", [])
    try:
        return {str(entry["name"]): entry["value"] for entry in entries}
    except (KeyError, TypeError) as error:
        raise UserMistake(
            f"{file} has a parameter without a name and a value: each is {{name: X, value: Y}}."
        ) from error


def _assets(folder: Path) -> tuple[list[str], list[str]]:
    file = _find(folder, "asset_references")
    if file is None:
        return [], []
    assets = _mapping(read_document(file).get("assetReferences"))
    inputs, outputs = _mapping(assets.get("inputs")), _mapping(assets.get("outputs"))
    files = [*_texts(inputs.get("filenames")), *_texts(inputs.get("directories"))]
    return files, _texts(outputs.get("directories"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, Iterable) else []
