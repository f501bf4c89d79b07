"""The invented town: what `make demo` shows, and the local servers that tests use too."""
