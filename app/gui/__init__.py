"""The window: everything of Qt that Windfire has, and nothing that waits.

A replica of the farm is changed on Qt's own thread by batches that a connection's thread hands over
(``bridge``); models and panels repaint what a batch names; what a person does becomes a command that
is asked and not awaited (``operations``). No socket, file, image decode or database is touched here on
Qt's thread. Start reading at ``application`` and ``main_window``.
"""
