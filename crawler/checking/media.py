"""What a city file says about images of reports."""

from crawler.checking.table import Table
from crawler.model.city import ImageRules


def read_images(table: Table) -> ImageRules:
    """`[media]`."""
    usual = ImageRules()
    rules = ImageRules(
        keep=table.flag("keep", default=usual.keep),
        most_bytes=(table.whole("most_mb", None, 1, 50) or 0) * 1_000_000 or usual.most_bytes,
        most_per_post=table.whole("most_per_post", None, 1, 50) or usual.most_per_post,
        most_total=(table.whole("total_gb", None, 1, 100_000) or 0) * 1_000_000_000 or usual.most_total,
    )
    table.finish()
    return rules
