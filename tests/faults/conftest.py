"""What only ``make faults`` runs, and how it says so elsewhere."""

import os

import pytest

IS_LONG = os.environ.get("WINDFIRE_FAULTS") == "long"
only_long = pytest.mark.skipif(not IS_LONG, reason="takes long: make faults runs it")
