"""Questions that need more than a click; each is opened, none is waited for."""
