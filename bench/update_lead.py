"""Update Lead over HTTP, against pgbench sending the same work, and against a plain ORM server.

All three take turns on one database, forwards and backwards; what counts are the ratios round by round.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.world import DEALERSHIPS, Key, fill
from forecourt.access import tokens
from forecourt.infra.embedded import Hold, hold

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

CONNECTIONS = 32
WORKERS = 2
VARIANTS = 4_000
HERE = Path(__file__).parent
SERVER_PORT, REFERENCE_PORT = 18_473, 18_474


class Round(NamedTuple):
    """One run of a contestant; times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    errors: int


def bodies(keys: list[Key], leads: int) -> list[dict[str, str]]:
    """Requests of about 38 fields and 1.3 kB, each for a lead young enough to be updated."""
    chance = random.Random(2026)
    return [_request(chance, keys, leads) for _ in range(VARIANTS)]


def _request(chance: random.Random, keys: list[Key], leads: int) -> dict[str, str]:
    lead_id = chance.randint(1, leads // 2)
    dealership = 1 + lead_id % DEALERSHIPS
    key = chance.choice([key for key in keys if dealership in key.dealership_ids])
    site = dealership - 1 + DEALERSHIPS * chance.randint(1, 2)
    number = chance.randint(0, 9_999_999)
    lead: dict[str, Any] = {
        "name": f"Customer {number}",
        "last_name": f"Name {number % 997}",
        "email": f"customer{lead_id}@example.com",
        "phone": f"041{number:07}",
        "message": f"I saw the car on your site and would like to know more about it. {number}",
        "dealership_slug": f"dealer-{dealership}",
        "dealership_id": dealership,
        "category": "New Vehicle Enquiry",
        "source": "Website",
        "marketing_source": "Organic",
        "website_slug": f"site-{site}",
        "page_id": site,
        "location_id": site if site <= 60 else site - 20,
        "stocknum": f"S{dealership - 1 + DEALERSHIPS * chance.randint(1, 900)}",
        "user_email": f"user{dealership - 1 + DEALERSHIPS * chance.randint(1, 20)}@example.com",
        "provider": "Carsales",
        "provider_id": f"P{number}",
        "certified": chance.random() < 0.5,
        "send_customer_email": False,
        "customer_address": f"{number % 400} Fake Street, Melbourne",
        "dob": "01/01/1980",
        "opt_in_to_marketing": chance.random() < 0.5,
        "delay_customer_email_minutes": chance.randint(0, 60),
        "delay_dealership_notification_minutes": chance.randint(0, 60),
        "disable_strict_validation": False,
        "time_on_site_seconds": chance.randint(1, 900),
        "time_to_submit_seconds": chance.randint(1, 300),
        "fields": {"utm_campaign": f"spring-{number % 17}", "utm_medium": "cpc"},
        "charge_breakdown": {"total": {"amount": number % 90_000}},
        "address_attributes": {
            "street": f"{number % 400} Fake Street",
            "city": "Melbourne",
            "state": "VIC",
            "state_long": "Victoria",
            "postcode": 3000 + number % 900,
            "country": "Australia",
        },
    }
    # One in ten also moves what is the cluster's.
    if number % 10 == 0:
        lead |= {"lead_state": chance.choice(["new", "contacted"]), "tags": [f"tag{number % 50}", "hot"]}
    return {
        "path": f"/api/v1/leads/{lead_id}",
        "key": key.token,
        "body": json.dumps({"lead": lead}, separators=(",", ":")),
    }


def lua(requests: list[dict[str, str]], file: Path) -> Path:
    """A script for wrk that sends *requests* in turn."""
    rows = ",\n".join(f'{{"{one["path"]}","Bearer {one["key"]}",[==[{one["body"]}]==]}}' for one in requests)
    file.write_text(
        f"""local rows = {{ {rows} }}
local at = 0
request = function()
  at = at % #rows + 1
  local row = rows[at]
  return wrk.format("PUT", row[1], {{["Authorization"] = row[2], ["Content-Type"] = "application/json"}}, row[3])
end
"""
    )
    return file


def by_wrk(url: str, script: Path | None, seconds: int) -> Round:
    """Load *url* over 32 connections."""
    words = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--latency",
        *(["-s", str(script)] if script else []),
        url,
    ]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Round(
        float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),  # type: ignore[index]  # wrk always prints it
        _milliseconds(told, 50),
        _milliseconds(told, 99),
        int(errors[1]) if errors else 0,
    )


def _milliseconds(told: str, percentile: int) -> float:
    found = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s)", told)
    assert found
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1_000}[found[2]]


def by_pgbench(held: Hold, script: Path, seconds: int) -> Round:
    """The same work, statement by statement, prepared, from 32 clients."""
    words = [
        str(held.binaries / "pgbench"),
        "-n",
        "-M",
        "prepared",
        f"-c{CONNECTIONS}",
        "-j1",
        f"-T{seconds}",
    ]
    done = subprocess.run([*words, "-f", str(script), held.url], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    latency = re.search(r"latency average = ([\d.]+)", done.stdout)
    assert found
    assert latency
    return Round(float(found[1]), float(latency[1]), 0.0, 0)


def pgbench_script(keys: list[Key], leads: int, file: Path) -> Path:
    """What the update does, as a transaction of single statements, for random leads."""
    key_hash = tokens.hash_of(keys[0].token)
    assert key_hash
    text = (HERE / "update_lead.pgbench.sql").read_text()
    file.write_text(text.replace("@half@", str(leads // 2)).replace("@hash@", key_hash.hex()))
    return file


@contextmanager
def running(words: list[str], port: int, **environment: str) -> Generator[None]:
    """A server as a process, until it answers."""
    process = subprocess.Popen(words, env=os.environ | environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1).close()
            break
        time.sleep(0.1)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def main(*, leads: int = 100_000, seconds: int = 8, rounds: int = 4) -> None:
    """Run it and print the ratios."""
    if shutil.which("wrk") is None:
        sys.exit("the load generator wrk is missing: install Debian's package wrk")
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder, hold(Path(folder)) as held:
        print(f"filling a database with {leads:,} leads …", flush=True)
        keys = fill(held.url, leads)
        script = lua(bodies(keys, leads), Path(folder) / "requests.lua")
        single = pgbench_script(keys, leads, Path(folder) / "update.sql")
        ours = [
            sys.executable,
            "-m",
            "forecourt",
            "serve",
            "--port",
            str(SERVER_PORT),
            "--workers",
            str(WORKERS),
        ]
        plain = [
            *(sys.executable, "-m", "uvicorn", "bench.reference_server:app", "--no-access-log"),
            *("--log-level", "error", "--port", str(REFERENCE_PORT), "--workers", str(WORKERS)),
        ]
        with (
            running(ours, SERVER_PORT, FORECOURT_DATA_DIR=folder),
            running(plain, REFERENCE_PORT, BENCH_DATABASE_URL=held.url),
        ):
            contestants: dict[str, Callable[[], Round]] = {
                "forecourt": lambda: by_wrk(f"http://127.0.0.1:{SERVER_PORT}", script, seconds),
                "pgbench": lambda: by_pgbench(held, single, seconds),
                "orm": lambda: by_wrk(f"http://127.0.0.1:{REFERENCE_PORT}", script, seconds),
            }
            report(compete(contestants, rounds))
            empty = by_wrk(f"http://127.0.0.1:{SERVER_PORT}/livez", None, 3)
            print(f"an empty handler in the same server: {empty.per_second:,.0f} requests/s")


def compete(contestants: dict[str, Callable[[], Round]], rounds: int) -> dict[str, list[Round]]:
    """Each in turn, forwards and backwards; a first, uncounted turn warms all up."""
    results: dict[str, list[Round]] = {name: [] for name in contestants}
    for run in contestants.values():
        run()
    for number in range(rounds):
        names = list(contestants) if number % 2 == 0 else list(reversed(contestants))
        for name in names:
            results[name].append(contestants[name]())
            print(f"  round {number + 1}: {name:9} {results[name][-1].per_second:8,.0f}/s", flush=True)
    return results


def report(results: dict[str, list[Round]]) -> None:
    """Print what came out, and what was to be reached."""
    for name, rounds in results.items():
        rates = [one.per_second for one in rounds]
        print(
            f"{name:9} {statistics.median(rates):8,.0f}/s ({min(rates):,.0f} to {max(rates):,.0f})  "
            f"p50 {statistics.median(one.p50 for one in rounds):6.1f} ms  "
            f"p99 {statistics.median(one.p99 for one in rounds):6.1f} ms  errors {sum(one.errors for one in rounds)}"
        )
    for name, target in (("pgbench", 0.80), ("orm", 6.0)):
        pairs = zip(results["forecourt"], results[name], strict=True)
        ratio = statistics.median(ours.per_second / theirs.per_second for ours, theirs in pairs)
        print(f"forecourt / {name}: {ratio:.2f} (to reach: {target})")
    spread = statistics.median(one.p99 / one.p50 for one in results["forecourt"])
    print(f"p99 / p50: {spread:.1f} (to reach: under 4)")


if __name__ == "__main__":
    main()
