"""The whole farm in one process, from a seed: the production brains, with everything else simulated."""
