"""The experiment with an autoscaler: its parts, its short form, and its report."""
