"""Images of posts that became reports: platforms let them vanish, so copies are kept, bounded and erasable."""
