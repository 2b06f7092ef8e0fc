"""The real window on the farm of a home folder, without starting agents: what a test drags in.

Run as `python -m tests.gui_xvfb.entry HOME SETTINGS_FILE`.
"""

import sys

from app.client.settings import load_settings
from app.gui.application import run

if __name__ == "__main__":
    home, settings_file = sys.argv[1:]
    sys.exit(run(lambda: load_settings(home), settings_file=settings_file))
