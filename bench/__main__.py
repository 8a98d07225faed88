"""``python -m bench``: every benchmark in turn; ``--quick`` with less of everything."""

from __future__ import annotations

import sys

from bench import list_leads, process, update_lead


def main() -> None:
    """Run them."""
    quick = "--quick" in sys.argv[1:]
    print("== a server process", flush=True)
    process.main()
    print("== update_lead", flush=True)
    if quick:
        update_lead.main(leads=20_000, seconds=3, rounds=2)
    else:
        update_lead.main()
    print("== list_leads", flush=True)
    list_leads.main(leads=100_000 if quick else 1_000_000)


if __name__ == "__main__":
    main()
