"""What the harness shows, a room for each thing that is shown."""
