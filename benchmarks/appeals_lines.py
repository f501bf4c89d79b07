"""Appeals of real data as JSON lines for `otklik ingest`."""

import argparse
import gzip
import json
import sys


def main(path: str) -> None:
    """Print a line for each appeal: its first message, with the time it was sent."""
    with gzip.open(path, "rt", encoding="utf-8") as appeals:
        for appeal in map(json.loads, appeals):
            first = appeal["messages"][0]
            line = {"id": appeal.get("n", appeal["id"]), "text": first["text"], "published_at": first["dt"]}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("appeals", help="REAL_DATA/appeals_spb/appeals.jsonl.gz")
    main(arguments.parse_args().appeals)
