"""The demo scenes of Windfire, each a module with a ``build`` of its own; ``scripts/make_scenes.py`` runs them."""
