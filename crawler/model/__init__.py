"""The vocabulary that every package shares: frozen, typed, imported by all, importing none of them."""
