"""``python -m bench``: every benchmark in turn, and one table at the end; ``--quick`` with less of everything."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench import delivery, export, inbox, list_clusters, list_leads, process, reports, update_lead
from bench.figures import Figure, table
from bench.world import fill
from forecourt.infra.embedded import hold


def main() -> None:
    """Run them."""
    began = time.monotonic()
    quick = "--quick" in sys.argv[1:]
    print("== a server process", flush=True)
    figures = process.main()
    print("== update_lead", flush=True)
    if quick:
        figures += update_lead.main(leads=20_000, seconds=3, rounds=2)
    else:
        figures += update_lead.main()
    print("== export", flush=True)
    figures += export.main(leads=20_000 if quick else 100_000)
    print("== inbox", flush=True)
    figures += inbox.main(clusters=20_000 if quick else 100_000)
    print("== delivery", flush=True)
    figures += delivery.main(events=2_000, rounds=2, seconds=4) if quick else delivery.main()
    print("== reports", flush=True)
    figures += reports.main(each=2 if quick else 10)
    figures += _lists(100_000 if quick else 1_000_000)
    print(f"\n{table(figures)}\n\n{time.monotonic() - began:.0f} seconds in all")


def _lists(leads: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"== filling a database with {leads:,} leads, each in a cluster of its own", flush=True)
        fill(held.url, leads)
        print("== list_leads", flush=True)
        figures = list_leads.run(held.url)
        print("== list_clusters", flush=True)
        return figures + list_clusters.run(held.url)


if __name__ == "__main__":
    main()
