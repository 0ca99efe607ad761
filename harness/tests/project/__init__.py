"""The project itself: its pages, its packages, what it exports, and the tools that its targets
call."""
