"""``python -m node_agent`` and ``windfire-agent``."""

from __future__ import annotations

import sys

from node_agent.agent.cli import main

if __name__ == "__main__":
    sys.exit(main())
