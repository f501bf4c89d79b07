"""Vocabulary, platforms' clients, safe fetching, and the shell around them: commands and the runner."""
