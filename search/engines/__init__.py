"""The engines: one module each, registered in search/engine.py."""
