"""The only code that finds files of resources/, in the source tree or in an installed wheel.

The wheel carries the folder as app/resources; an editable install leaves it beside app.
"""

from pathlib import Path

from app.errors import BugFault

_HERE = Path(__file__).resolve().parent
_ROOTS = (_HERE / "resources", _HERE.parent / "resources")


def find(relative: str) -> Path:
    """Return the path of a file or folder of resources/; a missing one is a bug, not a mistake."""
    for root in _ROOTS:
        path = root / relative
        if path.exists():
            return path
    raise BugFault(f"The resource {relative!r} is missing from this installation of Windfire.")
