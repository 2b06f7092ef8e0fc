"""The farm over time: how busy it is, how much it finishes, and which node is not like the others."""
