"""What engines cost on an archive of a city."""
