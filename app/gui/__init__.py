"""The window: the only place with Qt, and a replica that never waits."""
