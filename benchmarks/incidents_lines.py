"""Labelled incidents of real data as JSON lines for `otklik ingest`.

usage: python benchmarks/incidents_lines.py REAL_DATA/incidents_perm/incidents.jsonl > lines.jsonl
"""

import json
import sys
from pathlib import Path


def main(path: str) -> None:
    """Print a line for each incident: number and text."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        incident = json.loads(line)
        sys.stdout.write(json.dumps({"id": incident["n"], "text": incident["text"]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
