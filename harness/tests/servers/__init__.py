"""Real servers, each compared with itself without the library, whoever their clients are and
whatever they send."""
