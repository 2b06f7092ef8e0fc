"""Which light group a light, or a material that shines, is of: the attribute ``windfire:lightGroup``.

A string or token on the light or on any prim above it (a rig's, say), or on the material. What has none is
of the group REST. glTF has it as ``lightGroup`` among the extras of a node or material.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import re
from collections.abc import Callable

from pxr import Sdf, Usd

from node_agent.kernels.pathtracer.scene import MOST_GROUPS, REST

ATTRIBUTE = "windfire:lightGroup"


class LightGroups:
    """The groups of one scene, in the order in which they were met."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self.names = [REST]

    def number(self, prim: Usd.Prim, time: Usd.TimeCode) -> int:
        """The number of a prim's group; REST's, and a warning, where there are too many."""
        name = layer_name(_asked(prim, time))
        if name in self.names:
            return self.names.index(name)
        if len(self.names) == MOST_GROUPS:
            self._warn(
                f"The scene has more than {MOST_GROUPS - 1} light groups; {name} and what follows "
                f"are of the group {REST}."
            )
            return 0
        self.names.append(name)
        return len(self.names) - 1


def layer_name(asked: str) -> str:
    """A name that every compositor takes for a layer: letters, digits and underscores; REST for ''."""
    return re.sub(r"\W+", "_", asked.strip(), flags=re.ASCII)[:64] or REST


def mark_group(prim: Usd.Prim, extras: object) -> None:
    """Write on a prim the group that glTF's extras name, if any."""
    name = extras.get("lightGroup") if isinstance(extras, dict) else None
    if isinstance(name, str):
        prim.CreateAttribute(ATTRIBUTE, Sdf.ValueTypeNames.String).Set(name)


def _asked(prim: Usd.Prim, time: Usd.TimeCode) -> str:
    """The attribute of the prim, or of the nearest above that has it; '' of none."""
    while prim and not prim.IsPseudoRoot():
        attribute = prim.GetAttribute(ATTRIBUTE)
        if attribute and attribute.HasValue():
            value = attribute.Get(time)
            return value if isinstance(value, str) else ""
        prim = prim.GetParent()
    return ""
