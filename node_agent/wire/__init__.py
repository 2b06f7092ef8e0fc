"""The one place of messages, shared by the agent and the app; pure."""
