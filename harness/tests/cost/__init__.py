"""What a request may cost, and the instruments that say so."""
