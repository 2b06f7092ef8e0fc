"""The log of one task."""
