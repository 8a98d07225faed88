"""``python -m bench``: every benchmark in turn, and one table at the end; ``--quick`` with less of everything."""

from __future__ import annotations

import sys
import time

from bench import list_leads, process, update_lead
from bench.figures import table


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
    print("== list_leads", flush=True)
    figures += list_leads.main(leads=100_000 if quick else 1_000_000)
    print(f"\n{table(figures)}\n\n{time.monotonic() - began:.0f} seconds in all")


if __name__ == "__main__":
    main()
