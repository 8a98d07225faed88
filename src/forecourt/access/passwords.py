"""Which passwords are fit to be one. Pure (NIST 800-63B, OWASP ASVS 6.2): long enough, and not what everybody tries."""

from __future__ import annotations

import re
import unicodedata

LEAST = 10
MOST = 256

# What is left of a password without the digits and signs that people put around a word.
_DECORATION = re.compile(r"[\W\d_]+")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_LEET = str.maketrans("013457@$!", "oieastasi")
# What is tried first, and what is tried first here.
_TRIED = frozenset(
    """
    password passwort passw letmein welcome admin administrator qwerty qwertyuiop qwertz azerty asdfgh
    asdfghjkl zxcvbnm iloveyou monkey dragon sunshine princess football baseball superman batman trustno
    master shadow michael jennifer abc abcd abcdef abcdefg abcdefgh abcdefghij secret changeme default
    test testing guest login user hello freedom whatever starwars pokemon computer internet summer
    winter spring autumn monday friday australia melbourne sydney brisbane forecourt dealership dealer
    carsales holden toyota ford mazda hyundai motors qwertyqwerty passwordpassword
    """.split()  # noqa: SIM905 - words are read as text
)
_ROW = "01234567890 abcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm 1qaz2wsx3edc4rfv5tgb"


def problem_with(password: str, *, email: str, name: str) -> str | None:
    """What is wrong with *password* for this user, as an end of "The password …"; None where nothing is."""
    if len(password) < LEAST:
        return f"must have at least {LEAST} characters"
    if len(password) > MOST:
        return f"must have at most {MOST} characters"
    folded = unicodedata.normalize("NFKC", password).casefold()
    bare = _DECORATION.sub("", folded)
    unmasked = _DECORATION.sub("", _AROUND.sub("", folded).translate(_LEET))
    if len(set(folded)) < 4 or _is_a_row(folded):  # noqa: PLR2004 - "aaaabbbbcc"
        return "must not be a row of characters that anybody would try"
    own = {word for word in re.split(r"[\W\d_]+", f"{email} {name}".casefold()) if len(word) > 2}  # noqa: PLR2004
    if {bare, unmasked} & _TRIED or _is_made_of(bare, own):
        return "must not be a common word, your name or your address with a few digits"
    return None


def normalised(password: str) -> str:
    """*password* as it is hashed: typed on one keyboard and on another it is the same."""
    return unicodedata.normalize("NFKC", password)


def _is_made_of(bare: str, words: set[str]) -> bool:
    """Whether nothing is left of it without *words*."""
    left = bare
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return bool(bare) and not left


def _is_a_row(folded: str) -> bool:
    """Whether it is keys that lie next to each other, or one piece again and again."""
    bare = re.sub(r"\W", "", folded)
    repeated = re.fullmatch(r"(.{1,5})\1+", bare) is not None
    return repeated or any(bare in row or bare in row[::-1] for row in _ROW.split())
