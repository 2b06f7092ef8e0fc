"""The morning: what the night brought, on one screen, each with the answers that one click gives."""
