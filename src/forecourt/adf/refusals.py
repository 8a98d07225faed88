"""Why we say no to an ADF document, or about one that is held."""

from __future__ import annotations

from forecourt.infra.refusals import BadBody, BodyTooLarge, Refusal

MOST_PROSPECTS = 100
MOST_ELEMENTS = 6_000
MOST_ATTRIBUTES = 6_000
MOST_REFERENCES = 50_000
DEPTH = 32


class DoctypeRefused(BadBody):
    """The document declares a type, or entities; ADF needs neither, and nothing that they name is fetched."""

    code = "doctype-refused"
    title = "A DOCTYPE is not read"

    def __init__(self) -> None:
        super().__init__("leave out <!DOCTYPE …> and <!ENTITY …>: ADF 1.0 needs neither")


class TooManyElements(BodyTooLarge):
    """The document has more elements, attributes or references than any list of leads needs."""

    code = "too-many-elements"
    title = "The document has too many elements"

    def __init__(self) -> None:
        super().__init__(
            f"at most {MOST_ELEMENTS:,} elements, {MOST_ATTRIBUTES:,} attributes, and {MOST_REFERENCES:,} references"
        )


class TooManyProspects(BodyTooLarge):
    """The document holds more prospects than are taken in one request."""

    code = "too-many-prospects"
    title = "The document has too many prospects"

    def __init__(self) -> None:
        super().__init__(f"at most {MOST_PROSPECTS} prospects in one document")


class NestedTooDeep(BadBody):
    """Elements stand in each other deeper than ADF ever needs."""

    code = "too-deep"
    title = "The document is nested too deeply"

    def __init__(self) -> None:
        super().__init__(f"at most {DEPTH} levels of elements")


class HeldNotFound(Refusal):
    """Nothing is held under this id, or the key may not see it: nobody can tell which."""

    code = "held-adf-not-found"
    title = "Held ADF NOT found"


class HeldIsDecided(Refusal):
    """It was accepted or dismissed before."""

    code = "held-adf-is-decided"
    title = "This was accepted or dismissed before"


class HeldIsUnreadable(Refusal):
    """No ADF was found in what is held: there is nothing that could become a lead by itself."""

    code = "held-adf-is-unreadable"
    title = "There is no ADF in this document"


class VendorNotFound(Refusal):
    """The dealership has no such vendor."""

    code = "adf-vendor-not-found"
    title = "There is no such vendor"
