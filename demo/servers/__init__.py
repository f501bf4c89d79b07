"""Small local servers that speak the platforms' real protocols: for the demo and for tests, from plain data."""
