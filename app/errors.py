"""Every fault that Windfire raises on purpose, split by who can do something about it.

    WindfireError
    +-- UserMistake         the person asked for what cannot be: a sentence says what to change
    +-- EnvironmentFault    disk, network, driver, key: a sentence says what to repair; often retried
    +-- PeerFault           another process sent what it may not: it is dropped and counted
    +-- BugFault            Windfire broke a promise of its own: report it

Each carries one sentence for a person. Expected outcomes (a frame failed, a child died) are values,
never exceptions. This is the lowest layer: it imports nothing of ours.
"""


class WindfireError(Exception):
    """The root of the tree; raise one of its children."""

    # What the command line exits with. 2 is what argparse uses too; 70 is BSD's EX_SOFTWARE.
    exit_code = 70

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UserMistake(WindfireError):
    """What was asked cannot be done as asked."""

    exit_code = 2


class EnvironmentFault(WindfireError):
    """The machine, the network or the disk does not give what Windfire needs."""

    exit_code = 3


class PeerFault(WindfireError):
    """Another process broke the protocol."""

    exit_code = 4


class BugFault(WindfireError):
    """Windfire itself is wrong; nobody else can repair it."""

    exit_code = 70
