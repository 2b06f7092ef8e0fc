"""The SQLite database: the only place that imports sqlite3; opened by the dispatcher alone."""
