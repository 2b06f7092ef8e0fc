"""The nodes: what each one does, and how busy its parts are."""
