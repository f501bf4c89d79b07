"""The state: the one place where things are true. Engines are projections of it."""
