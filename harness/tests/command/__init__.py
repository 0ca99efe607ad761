"""The command, as a user at a terminal or a script has it."""
