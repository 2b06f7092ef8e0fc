"""The agent's child: one for each device, one task at a time from its pipe."""
