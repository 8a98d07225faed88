"""Which names of fields the log may show: those of the API, and those that are made of ordinary words. Pure.

What the API does not know may be a programmer's name for a field, or a customer's, where somebody forgot to encode a form.
"""

from __future__ import annotations

import re

from forecourt.requests.harmless import OPEN, PERSONAL, SHOWN

# What programmers call fields, and customers are not called.
_WORDS = frozenset(
    """
    account action ad address adgroup adset age agree agreement and answer api app area attachment birth birthday browser
    budget button buyer by call callback campaign captcha cell channel check checkbox choice click client code comment comments
    company condition confirm consent cookie county creative currency custom customer data date dealer default delivery
    department deposit description details device do document domain drive duration employer end engine enquiry enter entry
    error event external fax fbc fbclid fbp finance first flag flow form format fuel gad gbraid gclid gender given group hash
    hear height hidden home honeypot hour house how identifier image in income info initial input insurance interest interested
    inventory ip is item job key keyword kilometres km kms label landing language lead licence license line link list
    loan locale mail make manufacturer matchtype maximum medium member meta method middle mileage minimum mobile model month
    more msclkid my need network newsletter nickname number odometer of offer offers on opt option options or order origin
    other our owner param parameter partner party pay payload period person placement plate platform policy post postal
    preferred price privacy product purchase quantity question quote rating reason receive record ref reference referer
    referral referrer registration rego remarks repayment reply request required reservation response result review role safe
    salutation score search second segment sender service session sex size source spec specs start step stock store subject
    submission submit submitted suburb surname survey swap target team tel telephone term terms text the their this time
    timestamp title token topic total tracking trade transmission trim ttclid type unique unit update url used user username
    utm uuid vehicle vin visit visitor web website weight welcome why widget window work workshop yes your zip zone
    """.split()  # noqa: SIM905 - so many words are read better so
) | frozenset(word for name in (*SHOWN, *OPEN, *PERSONAL) for word in name.split("_") if word)
# Those of the API, and what turned out to be ordinary since: clients send the same names again and again.
_ordinary = {*SHOWN, *OPEN, *PERSONAL}
_MOST = 4_000
# A word in any case, an abbreviation, or a number after one of those.
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|(?<=[A-Za-z])[0-9]{1,2}", re.ASCII)
_LONGEST = 64


def is_ordinary(name: str) -> bool:
    """Whether *name* may be shown."""
    if name in _ordinary:
        return True
    if len(name) > _LONGEST:
        return False
    parts = _PART.findall(name)
    if "".join(parts) != name.replace("_", "").replace("-", ""):
        return False
    if not parts or not all(part.lower() in _WORDS or part.isdecimal() for part in parts):
        return False
    if len(_ordinary) < _MOST:
        _ordinary.add(name)
    return True
