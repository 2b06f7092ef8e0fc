"""The agent of a render node: installs alone and never imports app."""
