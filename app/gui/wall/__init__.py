"""The farm wall: every node of the farm at a glance, each in a place of its own."""
