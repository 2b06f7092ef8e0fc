"""Tables as files: what any list of the window holds, for spreadsheets."""
