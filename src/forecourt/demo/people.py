"""The demo's customers: nobody's names, addresses that lead nowhere, numbers that ring nowhere."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from random import Random

# First and last name, as they meet in Australia and New Zealand.
NAMES = (
    ("Aaliyah", "Haddad"), ("Abdi", "Warsame"), ("Adele", "Fontaine"), ("Agnieszka", "Nowak"), ("Aidan", "Gallagher"),
    ("Aisha", "Rahimi"), ("Alessia", "Moretti"), ("Alinta", "Walker"), ("Amal", "Khoury"), ("Amrit", "Dhillon"),
    ("Ana", "Tuilagi"), ("Andrew", "Pemberton"), ("Anh", "Pham"), ("Anika", "Sharma"), ("Anton", "Horvat"),
    ("Arjun", "Menon"), ("Aroha", "Tamihana"), ("Ashleigh", "Grant"), ("Astrid", "Lindqvist"), ("Aung", "Kyaw"),
    ("Ayse", "Demir"), ("Beatriz", "Carvalho"), ("Bella", "Sorensen"), ("Benedict", "Okoro"), ("Bridget", "O'Shea"),
    ("Bronwyn", "Llewellyn"), ("Caitlin", "Doyle"), ("Carmen", "Villanueva"), ("Catriona", "MacLeod"), ("Chandra", "Perera"),
    ("Chloe", "Beaumont"), ("Cuong", "Le"), ("Daisy", "Whitaker"), ("Damir", "Kovacevic"), ("Danh", "Nguyen"),
    ("Darcy", "Hollis"), ("David", "Cohen"), ("Deepa", "Iyer"), ("Despina", "Karras"), ("Dilan", "Wijesinghe"),
    ("Dimitri", "Pappas"), ("Ella", "Hargreaves"), ("Elena", "Petrova"), ("Eru", "Parata"), ("Esther", "Mensah"),
    ("Fa'afetai", "Leota"), ("Farid", "Ahmadi"), ("Fatima", "Hussein"), ("Fergus", "Drummond"), ("Finn", "Janssen"),
    ("Francesca", "Bianchi"), ("George", "Stavros"), ("Georgia", "Lockwood"), ("Giang", "Vo"), ("Giulia", "Ferrari"),
    ("Grace", "Adeyemi"), ("Hamish", "Buchanan"), ("Hana", "Kobayashi"), ("Harpreet", "Gill"), ("Hassan", "Jaber"),
    ("Heidi", "Baumann"), ("Hemi", "Rangi"), ("Hugo", "Ashworth"), ("Hye-jin", "Kim"), ("Ibrahim", "Saleh"),
    ("Ines", "Duarte"), ("Indah", "Santoso"), ("Irena", "Jovanovic"), ("Isaac", "Manu"), ("Isla", "Cameron"),
    ("Ivan", "Maric"), ("Jack", "Thornbury"), ("Jacinta", "Cullen"), ("Jarrah", "Simpson"), ("Jasmine", "Tran"),
    ("Jay", "Patel"), ("Jemima", "Frost"), ("Jing", "Zhao"), ("Joana", "Teixeira"), ("Jonah", "Fisher"),
    ("Joon", "Park"), ("Jude", "Castellano"), ("Kahu", "Paki"), ("Kalinda", "Roberts"), ("Karthik", "Subramanian"),
    ("Katarina", "Babic"), ("Keira", "Lawson"), ("Khadija", "Osman"), ("Kiran", "Reddy"), ("Lachlan", "Sinclair"),
    ("Lan", "Hoang"), ("Leila", "Farahani"), ("Leo", "Marchetti"), ("Lily", "Chong"), ("Linh", "Dang"),
    ("Lucia", "Romano"), ("Luka", "Novak"), ("Mahmoud", "Darwish"), ("Mai", "Bui"), ("Malakai", "Fonua"),
    ("Manaia", "Hohepa"), ("Marek", "Wojcik"), ("Margaret", "Ellery"), ("Maria", "Santos"), ("Marlon", "De Silva"),
    ("Matilda", "Crane"), ("Mei", "Lin"), ("Mele", "Taufa"), ("Merindah", "Clarke"), ("Mihai", "Popescu"),
    ("Milan", "Stojanovic"), ("Min-jun", "Choi"), ("Nadia", "Boutros"), ("Naomi", "Friedman"), ("Ned", "Callaghan"),
    ("Nikhil", "Desai"), ("Nikolai", "Sokolov"), ("Nina", "Vasquez"), ("Noor", "Siddiqui"), ("Olive", "Marsh"),
    ("Omar", "Nasser"), ("Oscar", "Bergstrom"), ("Paige", "Northcott"), ("Pania", "Ruru"), ("Paolo", "Conti"),
    ("Patrick", "Dempster"), ("Peta", "Radford"), ("Phoebe", "Atkins"), ("Pooja", "Nair"), ("Quang", "Do"),
    ("Rafael", "Mendoza"), ("Ravi", "Jayasuriya"), ("Reuben", "Katz"), ("Rina", "Takahashi"), ("Roisin", "Byrne"),
    ("Rosa", "Delgado"), ("Ruby", "Winters"), ("Sanjay", "Kulkarni"), ("Selam", "Tesfaye"), ("Sione", "Vake"),
    ("Soo-ah", "Yoon"), ("Stella", "Makris"), ("Stuart", "Whitlam"), ("Sunil", "Fernando"), ("Tane", "Rewiti"),
    ("Tara", "Quinlan"), ("Tariq", "Mirza"), ("Thanh", "Huynh"), ("Thomas", "Aldridge"), ("Tuan", "Ly"),
    ("Uma", "Krishnan"), ("Valentina", "Rojas"), ("Veronika", "Svoboda"), ("Vikram", "Chauhan"), ("Wei", "Zhang"),
    ("Will", "Hathaway"), ("Xin", "Wu"), ("Yara", "Mansour"), ("Yasmin", "Karimi"), ("Yindi", "Morgan"),
    ("Yusuf", "Aydin"), ("Zac", "Pritchard"), ("Zainab", "Mohamud"), ("Zoe", "Anastas"), ("Zoran", "Ilic"),
)  # fmt: skip

# Every mobile number that the ACMA keeps free for film, television and books:
# https://www.acma.gov.au/phone-numbers-use-tv-shows-films-and-creative-works
MOBILES = (
    "0491 570 006", "0491 570 110", "0491 570 156", "0491 570 157", "0491 570 158", "0491 570 159",
    "0491 570 313", "0491 570 737", "0491 571 266", "0491 571 491", "0491 571 804", "0491 572 549",
    "0491 572 665", "0491 572 983", "0491 573 087", "0491 573 770", "0491 574 118", "0491 574 632",
    "0491 575 254", "0491 575 789", "0491 576 398", "0491 576 801", "0491 577 426", "0491 577 644",
    "0491 578 148", "0491 578 888", "0491 578 957", "0491 579 212", "0491 579 455", "0491 579 760",
)  # fmt: skip

# The same for landlines: the area code before either of these, and any four digits after it.
LANDLINE_RANGES = ("5550", "7010")

MAIL_DOMAINS = ("example.com", "example.com", "example.net", "example.org")

STREETS = (
    "Acacia Street", "Banksia Avenue", "Bluegum Crescent", "Boronia Road", "Callistemon Court", "Casuarina Drive",
    "Coolabah Lane", "Correa Street", "Grevillea Way", "Hakea Close", "Kurrajong Road", "Lilly Pilly Place",
    "Melaleuca Street", "Mulga Terrace", "Paperbark Circuit", "Tea Tree Grove", "Waratah Parade", "Wattle Street",
)  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """Where a dealership's customers live.

    Attributes:
        area_code: of its landlines; None where no numbers are kept free for fiction, as in New Zealand.
        suburbs: name and postcode.
    """

    state: str
    state_long: str
    country: str
    area_code: str | None
    suburbs: tuple[tuple[str, str], ...]


PLACES = {
    "test-dealer": Place(
        "VIC", "Victoria", "Australia", "03",
        (("Melbourne", "3000"), ("Footscray", "3011"), ("Preston", "3072"), ("Glen Waverley", "3150"), ("Werribee", "3030")),
    ),
    "wattlebird-motors": Place(
        "QLD", "Queensland", "Australia", "07",
        (("Brisbane", "4000"), ("Chermside", "4032"), ("Redcliffe", "4020"), ("Ipswich", "4305"), ("Logan Central", "4114")),
    ),
    "kereru-motors": Place(
        "Wellington", "Wellington", "New Zealand", None,
        (("Te Aro", "6011"), ("Karori", "6012"), ("Newtown", "6021"), ("Petone", "5012"), ("Porirua", "5022")),
    ),
    "ironbark-autos": Place(
        "NSW", "New South Wales", "Australia", "02",
        (("Sydney", "2000"), ("Leichhardt", "2040"), ("Parramatta", "2150"), ("Cabramatta", "2166"), ("Wollongong", "2500")),
    ),
    "saltbush-motor-company": Place(
        "SA", "South Australia", "Australia", "08",
        (("Adelaide", "5000"), ("Glenelg", "5045"), ("Salisbury", "5108"), ("Mount Barker", "5251"), ("Norwood", "5067")),
    ),
    "karri-coast-cars": Place(
        "WA", "Western Australia", "Australia", "08",
        (("Perth", "6000"), ("Fremantle", "6160"), ("Joondalup", "6027"), ("Bunbury", "6230"), ("Armadale", "6112")),
    ),
}  # fmt: skip


class Customer(msgspec.Struct, frozen=True):
    """Somebody who asks.

    Attributes:
        phone: as they write it.
        birthday: DD/MM/YYYY.
    """

    first_name: str
    last_name: str
    email: str
    phone: str
    birthday: str
    address: dict[str, str]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


def customers(slug: str, names: list[tuple[str, str]], random: Random) -> list[Customer]:
    """Customers of one dealership, none of whom share an address or a number with another."""
    place = PLACES[slug]
    phones = _phones(place, len(names), random)
    return [_customer(name, phone, place, random) for name, phone in zip(names, phones, strict=True)]


def _customer(name: tuple[str, str], phone: str, place: Place, random: Random) -> Customer:
    first, last = name
    day, month, year = random.randint(1, 28), random.randint(1, 12), random.randint(1951, 2006)
    suburb, postcode = random.choice(place.suburbs)
    return Customer(
        first_name=first,
        last_name=last,
        email=f"{_mailbox(first, last, year, random)}@{random.choice(MAIL_DOMAINS)}",
        phone=phone,
        birthday=f"{day:02}/{month:02}/{year}",
        address={
            "street": f"{random.randint(1, 188)} {random.choice(STREETS)}",
            "city": suburb,
            "state": place.state,
            "state_long": place.state_long,
            "postcode": postcode,
            "country": place.country,
        },
    )


def _mailbox(first: str, last: str, year: int, random: Random) -> str:
    first, last = _plain(first), _plain(last)
    return random.choice(
        (f"{first}.{last}", f"{first}.{last}", f"{first[0]}{last}", f"{first}.{last}{year % 100:02}")
    )


def _plain(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in ascii_name if letter.isalpha())


def _phones(place: Place, count: int, random: Random) -> list[str]:
    """Numbers kept free for fiction, each once: mobiles first, as people do, then landlines of the area."""
    mobiles = random.sample(MOBILES, min(count, len(MOBILES)))
    if place.area_code is None:
        return [f"+61 {number[1:]}" for number in mobiles[:count]]
    written = [
        random.choice((number, number, number.replace(" ", ""), f"+61 {number[1:]}")) for number in mobiles
    ]
    suffixes = random.sample(range(10_000), count - len(mobiles))
    return written + [
        f"({place.area_code}) {random.choice(LANDLINE_RANGES)} {suffix:04}" for suffix in suffixes
    ]
