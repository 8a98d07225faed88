"""The updates that are sent: many prepared bodies, each sent to another lead each time.

A body that came to the same lead twice would change nothing the second time, and a server may then write nothing:
what is measured would be a read. So a body fits any young lead of its dealership, and which one is drawn anew for
every request. So is the phone number: one that many leads had would make possible duplicates of them all. Only the few
that are meant to add nothing keep to a lead and a number of their own.
"""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.world import DEALERSHIPS, Key
from forecourt.vocabulary import MARKETING_SOURCES

if TYPE_CHECKING:
    from pathlib import Path

VARIANTS = 4_000
# Of a hundred variants: how many add nothing, also move the cluster's state and tags, also its golden mark.
IDLE, MOVING, MARKING = 4, 10, 2
# The idle variants' own leads, the first of the young half: few, so that each has soon become what it is sent.
IDLE_LEADS = DEALERSHIPS

_EMAIL, _PHONE = "@email@", "@phone@"


class Variant(NamedTuple):
    """A prepared request.

    Attributes:
        lead_id: the lead that it keeps to; None where one of the dealership's is drawn.
        body: JSON with a mark where the lead's e-mail address belongs, and then one for a phone number.
    """

    token: str
    dealership: int
    lead_id: int | None
    body: str


def variants(keys: list[Key]) -> list[Variant]:
    """The prepared requests, the same in every run."""
    chance = random.Random(2026)
    return [_variant(chance, number, keys) for number in range(VARIANTS)]


def _variant(chance: random.Random, number: int, keys: list[Key]) -> Variant:
    kind = number % 100
    lead_id = None
    if kind < IDLE:
        lead_id = 1 + (number // 100 * IDLE + kind) % IDLE_LEADS
        chance = random.Random(lead_id)
    dealership = 1 + (lead_id if lead_id is not None else chance.randrange(DEALERSHIPS)) % DEALERSHIPS
    key = chance.choice([key for key in keys if dealership in key.dealership_ids])
    lead = _lead(chance, dealership)
    if IDLE <= kind < IDLE + MOVING:
        lead["lead_state"] = chance.choice(["new", "contacted", "lost"])
        lead["tags"] = [f"tag{chance.randrange(50)}", f"walk{chance.randrange(50)}"]
    elif IDLE + MOVING <= kind < IDLE + MOVING + MARKING:
        lead["golden"] = chance.random() < 0.5
    return Variant(key.token, dealership, lead_id, json.dumps({"lead": lead}, separators=(",", ":")))


def _lead(chance: random.Random, dealership: int) -> dict[str, Any]:
    site = dealership - 1 + DEALERSHIPS * chance.randint(1, 2)
    number = chance.randrange(10_000_000)
    person = dealership - 1 + DEALERSHIPS * chance.randint(1, 20)
    return {
        "name": f"Customer {number}",
        "last_name": f"Name {number % 997}",
        "email": _EMAIL,
        "phone": _PHONE,
        "message": f"I saw the car on your site and would like to know more about it. Is it still there, has it had "
        f"one owner only, and may I come for a test drive on Saturday morning? I would trade in my own car, which is seven "
        f"years old. My reference is {number}.",
        "dealership_slug": f"dealer-{dealership}",
        "dealership_id": dealership,
        "category": chance.choice(["New Vehicle Enquiry", "Used Vehicle Enquiry", "Finance Enquiry"]),
        "source": chance.choice(["Website", "Carsales", "Facebook"]),
        "marketing_source": chance.choice(MARKETING_SOURCES[:4]),
        "website_slug": f"site-{site}",
        "page_id": site,
        "location_id": site,
        "stocknum": f"S{dealership - 1 + DEALERSHIPS * chance.randint(1, 900)}",
        "user_email": f"user{person}@example.com",
        "provider": f"Provider {number % 10}",
        "provider_id": f"P{number}",
        "certified": chance.random() < 0.5,
        "send_customer_email": False,
        "customer_address": f"{number % 400} Fake Street, Melbourne",
        "dob": f"{1 + number % 28:02}/01/1980",
        "opt_in_to_marketing": chance.random() < 0.5,
        "delay_customer_email_minutes": chance.randint(0, 60),
        "delay_dealership_notification_minutes": chance.randint(0, 60),
        "disable_strict_validation": False,
        "time_on_site_seconds": chance.randint(1, 900),
        "time_to_submit_seconds": chance.randint(1, 300),
        "fields": {
            "utm_campaign": f"spring-{number % 17}",
            "utm_medium": "cpc",
            "utm_source": "newsletter",
            "utm_content": f"banner-{number % 31}",
        },
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


def draws(leads: int) -> int:
    """How many leads of each dealership there are to draw from, of a database with *leads*."""
    return (leads // 2 - IDLE_LEADS - DEALERSHIPS) // DEALERSHIPS


def lua(prepared: list[Variant], leads: int, file: Path) -> Path:
    """A script for wrk that sends *prepared* in turn, from another place and to other leads in each run."""
    rows = ",\n".join(
        f'{{"Bearer {one.token}",{one.dealership},{one.lead_id or 0},'
        + ",".join(f"[==[{part}]==]" for part in re.split(f"{_EMAIL}|{_PHONE}", one.body))
        + "}"
        for one in prepared
    )
    file.write_text(
        f"""local rows = {{ {rows} }}
math.randomseed(os.time())
local at = math.random(#rows)
request = function()
  at = at % #rows + 1
  local row = rows[at]
  local lead = row[3]
  local number = lead
  if lead == 0 then
    lead = {IDLE_LEADS} + row[2] - 1 + {DEALERSHIPS} * math.random({draws(leads)})
    number = math.random(0, 9999999)
  end
  local email = "customer" .. lead .. "@example.com"
  local phone = string.format("041%07d", number)
  local headers = {{["Authorization"] = row[1], ["Content-Type"] = "application/json"}}
  return wrk.format("PUT", "/api/v1/leads/" .. lead, headers, row[4] .. email .. row[5] .. phone .. row[6])
end
"""
    )
    return file
