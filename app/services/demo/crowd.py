"""Everybody else: invented names of the people who live in a harbour town, with numbers for fiction."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.services.demo.cast import CAST, Role

CROWD = 330
_NAMES = (
    (
        (
            "Alice Amelia Arthur Charlotte Daniel Edith Eleanor Finlay Florence Frederick George Harriet "
            "Henry Imogen Isla Jack James Lewis Lucy Martha Matthew Oliver Phoebe Rosie Ruth Simon Stanley "
            "Thomas Violet William"
        ),
        (
            "Abbott Baines Barlow Blake Bowen Briggs Carver Clarke Coleman Cooper Dalton Ellis Fenwick "
            "Fletcher Gibson Hale Harding Jarvis Kemp Lawson Marsh Nash Osborne Palmer Pike Rowe Sutton "
            "Tanner Turner Walsh Webb Whitlock Yates"
        ),
    ),
    (
        "Aarav Anika Deepa Farhan Imran Kavita Meera Nadia Nikhil Rahul Sana Sunita Tariq Zara",
        "Ahmed Begum Chaudhry Desai Hussain Iqbal Kapoor Khan Mehta Nair Patel Rahman Rao Sharma Singh",
    ),
    (
        "Abena Chidi Ebele Efe Femi Kwame Ngozi Obi Tendai Yaw",
        "Adeyemi Afolabi Boateng Chukwu Eze Mensah Moyo Okafor Osei Owusu",
    ),
    (
        "Agnieszka Dorota Jakub Kasia Marek Ondrej Pavel Piotr Zuzana",
        "Dvořák Kowalska Kowalski Mazur Novák Nowak Wiśniewska Zieliński",
    ),
    (
        "Beatriz Camila Diego Inês João Luca Marta Paulo Sofia",
        "Almeida Costa Ferreira García Moreau Pereira Romano Santos",
    ),
    ("Chloé Hiro Jing Kenji Lin Min-Jun Wei Yuki", "Chen Ito Kim Lau Liu Nakamura Park Wong"),
)
_CULTURE_WEIGHTS = (12, 5, 3, 2, 2, 2)
_CARS = (
    "Ford Fiesta",
    "Vauxhall Corsa",
    "VW Golf",
    "Nissan Leaf",
    "Toyota Yaris",
    "Mini Cooper",
    "Kia Niro",
    "Škoda Octavia",
)
_STREETS = ("Albert Road", "Castle Street", "Elm Grove", "Harbour Row", "Marmion Road", "Palmerston Road")
_ASSESSORS = ("Ian Frost", "Sheila Moss", "Adrian Pell")
_KINDS = ("motor", "home", "travel")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_UK_FICTION = range(447700900000, 447700901000)
_US_FICTION = tuple(f"1{area}55501{n:02d}" for area in (202, 212, 312, 415, 617) for n in range(0, 40, 8))


@dataclass
class Customer:
    """One person. `facts` fill the blanks of a talk."""

    name: str
    wa_id: str
    username: str = ""
    hides_phone: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


def actors(rng: random.Random) -> list[tuple[Role, Customer]]:
    """The cast, each with the person who plays it."""
    return [
        (
            role,
            Customer(role.name, role.wa_id, role.username, role.hides_phone, _facts(role.name, rng)),
        )
        for role in CAST
    ]


def crowd(rng: random.Random) -> list[Customer]:
    """Customers without a part of their own; no number is used twice."""
    taken = {role.wa_id for role in CAST}
    numbers = [str(number) for number in _UK_FICTION if str(number) not in taken]
    chosen = [*rng.sample(numbers, CROWD - len(_US_FICTION)), *_US_FICTION]
    rng.shuffle(chosen)
    names = _names(rng)
    # Some people have not told WhatsApp what they are called.
    return [
        Customer(name if rng.random() > 0.04 else "", wa_id, facts=_facts(name, rng))
        for name, wa_id in zip(names, chosen, strict=True)
    ]


def _names(rng: random.Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < CROWD:
        given, family = rng.choices(_NAMES, _CULTURE_WEIGHTS)[0]
        names[f"{rng.choice(given.split())} {rng.choice(family.split())}"] = None
    return list(names)


def _facts(name: str, rng: random.Random) -> dict[str, str]:
    return {
        "first": name.split()[0] if name else "there",
        "policy": f"MI-{rng.randrange(1_000_000, 9_999_999)}",
        "claim": f"CL-{rng.randrange(46_000, 48_200)}",
        "car": rng.choice(_CARS),
        "street": f"{rng.randrange(1, 120)} {rng.choice(_STREETS)}",
        "amount": f"£{rng.randrange(90, 2400):,}.{rng.choice(('00', '50', '80'))}",
        "kind": rng.choice(_KINDS),
        "day": rng.choice(_DAYS),
        "assessor": rng.choice(_ASSESSORS),
    }
