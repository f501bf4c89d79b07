"""Noticing and finding: analysis, query, engines, monitor, state, incidents, tickets. Knows nothing of Scrapy."""
