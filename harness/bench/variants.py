"""The ways in which a server is run: bare, or with the library and some settings."""

from dataclasses import dataclass

NEVER = 1_000_000


@dataclass(frozen=True)
class Variant:
    name: str
    settings: dict | None = None  # None: without the library

    @property
    def is_bare(self):
        return self.settings is None

    def given(self, library):
        """The library for this variant."""
        return None if self.is_bare else library


BARE = Variant("bare")
FORWARD = Variant("LASTCALL=off", {"LASTCALL": "off"})
NO_LIMIT = Variant("limit off", {"LASTCALL_REQUESTS": "off"})
NOT_REACHED = Variant("not reached", {"LASTCALL_REQUESTS": str(NEVER)})
# Relative to the host's own folder is refused: an absolute path, made by the harness.
WITH_STATUS = Variant("with status", {"LASTCALL_REQUESTS": str(NEVER), "LASTCALL_STATUS": "{folder}"})
