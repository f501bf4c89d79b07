"""Fetching that is safe: which address is allowed, Scrapy's guarded connections, a guarded client, politeness."""
