"""Fictional people of a fictional clinic, the same for the same seed, without duplicates.

NPIs start with 2, which the enumeration system allows and has never issued, so no generated
number belongs to a real person.
"""

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

TIME_ZONES = ("US/Eastern", "US/Central", "US/Mountain", "US/Pacific", "US/Alaska", "US/Hawaii")
"""The six zones named by the configuration guide."""


def _listed(names: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in names.split(","))


GIVEN_NAMES = _listed(
    """
    Abigail, Adrian, Aisha, Alejandro, Alice, Amara, Amelia, Amir, Ana, Andre, Angela, Anika, Anton,
    Aria, Arjun, Ava, Beatriz, Benjamin, Bianca, Brendan, Bruno, Camila, Carlos, Caroline, Cecilia,
    Charlotte, Chidi, Chloe, Clara, Claire, Connor, Dana, Daniel, Daria, David, Deepa, Diego, Dmitri,
    Edith, Eduardo, Elena, Eli, Elise, Emeka, Emilia, Emma, Erik, Esther, Ethan, Eva, Fatima, Felix,
    Fiona, Francisco, Gabriel, Gina, Grace, Greta, Gustavo, Hana, Hannah, Harriet, Hassan, Hector,
    Helen, Henry, Hugo, Ian, Imani, Ines, Ingrid, Isaac, Isabel, Ivan, Jada, Jamal, Jane, Jasmine,
    Javier, Joanna, Joel, Jonah, José, Joy, Julia, Julian, Kamal, Karen, Katarina, Keiko, Kenji, Kiran,
    Lars, Laura, Leila, Leo, Leticia, Liam, Lila, Linh, Lucas, Lucia, Lydia, Malik, Manuel, Marcus,
    Margaret, Maria, Marisol, Mary-Jane, Mateo, Maya, Mei, Mia, Michael, Mina, Miriam, Mohammed, Nadia,
    Naomi, Natalia, Neil, Nia, Nicolas, Nina, Noah, Noor, Olga, Oliver, Olivia, Omar, Oscar, Patricia,
    Paul, Petra, Priya, Quinn, Rafael, Rahul, Ramona, Rebecca, Renée, Ricardo, Rosa, Ruth, Samir,
    Samuel, Sara, Sebastian, Selma, Serena, Simon, Sofia, Stefan, Susan, Tamara, Tariq, Teresa, Thandi,
    Theo, Tomás, Uma, Valeria, Vera, Victor, Vikram, Violet, Wanda, Wei, William, Xavier, Yara, Yasmin,
    Yusuf, Zainab, Zoe
    """
)

FAMILY_NAMES = _listed(
    """
    Abara, Abbott, Acosta, Adeyemi, Aguilar, Ahmed, Alvarez, Andersen, Archer, Ashford, Baker, Banerjee,
    Barnes, Bauer, Becker, Bennett, Berg, Bishop, Blake, Boateng, Boyle, Bradley, Brandt, Brennan,
    Brooks, Bryant, Burke, Byrne, Cabrera, Calderon, Campbell, Carter, Castillo, Chan, Chandra, Chavez,
    Chen, Cho, Clarke, Cohen, Coleman, Collins, Contreras, Cooper, Costa, Crawford, Cruz, Dalton,
    Daniels, D'Angelo, Das, Davenport, Delgado, Desai, Diaz, Dixon, Donovan, Doyle, Duarte, Dubois,
    Duncan, Eriksen, Espinoza, Estrada, Farrell, Fernandez, Ferrari, Fischer, Fitzgerald, Flores,
    Foster, Franklin, Frost, Fuentes, Gallagher, Garcia, Garrison, Gill, Goldberg, Gomez, Graham, Grant,
    Greene, Gupta, Guzman, Haas, Haddad, Hale, Hansen, Harper, Hassan, Hawkins, Hayes, Herrera, Hoffman,
    Holloway, Hughes, Hussain, Ibarra, Ingram, Iyer, Jackson, Jansen, Jensen, Johansson, Joshi, Juarez,
    Kaminski, Kapoor, Kaur, Kelly, Kennedy, Khan, Kim, Klein, Kowalski, Kumar, Lambert, Larsen, Lee,
    Leone, Levy, Lindgren, Lopez, Lund, MacDonald, Mahmoud, Malone, Marino, Martinez, Mbeki, McBride,
    Medina, Mehta, Mendez, Meyer, Miller, Mitchell, Molina, Moreau, Morales, Müller, Murphy, Nakamura,
    Nguyễn, Nielsen, Novak, Nwosu, O'Brien, O'Connor, Okafor, Olsen, Ortega, Osei, Pacheco, Palmer,
    Park, Parker, Patel, Pereira, Petrov, Pham, Pierce, Porter, Quintero, Rahman, Ramirez, Reddy, Reyes,
    Richter, Rivera, Romano, Rosales, Rossi, Rowe, Russo, Sánchez, Santos, Sato, Schmidt, Schneider,
    Serrano, Shah, Sharma, Silva, Simmons, Singh, Soto, Stein, Sullivan, Suzuki, Tanaka, Taylor,
    Thompson, Torres, Tran, Turner, Usman, Valdez, Vargas, Vasquez, Vega, Volkov, Wagner, Walsh, Wang,
    Weber, Weiss, Whitfield, Wójcik, Wong, Yamamoto, Yang, Yilmaz, Young, Zamora, Zhang, Ziegler, de la
    Cruz, van der Berg
    """
)

CLINIC_WORDS = (
    ("north", "south", "east", "west", "river", "lake", "hill", "valley", "harbor", "garden", "prairie"),
    ("side", "view", "gate", "bend", "field", "brook", "ridge", "crest", "haven", "point", "grove"),
    ("family", "medical", "care", "health", "urgent", "ortho", "pain", "primary"),
)

PHYSICIAN, ASSISTANT_PHYSICIAN, FRONT_DESK, OFFICE_MANAGER = range(4)
DUTIES = (0, 1, 2, 3, 2, 0, 2, 2, 1, 2, 0, 2)
"""What the person at an index does, repeating: a quarter physicians, one in six physician
assistants, one in twelve managers, the others at the front desk."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person as the identity provider knows them; empty text means the value is not set."""

    okta_id: str
    user_name: str
    given_name: str
    family_name: str
    is_provider: bool
    is_physician_assistant: bool
    npi: str
    dea_license: str
    role: str
    time_zone: str
    site_numbers: tuple[str, ...]


class Directory:
    """Person number ``index`` of a clinic, for any index from 0 upwards.

    The same seed, sites and domain always give the same person; about three million differ.
    """

    def __init__(self, seed: int, sites: Sequence[str] = (), *, email_domain: str | None = None) -> None:
        self.sites = tuple(sites)
        chance = _chance(seed, "clinic")
        self.email_domain = email_domain or "".join(chance.choice(words) for words in CLINIC_WORDS) + ".example"
        self._seed = seed
        self._names = _Shuffle(chance, len(GIVEN_NAMES) * len(FAMILY_NAMES))
        self._npi = _Shuffle(chance, 10**8)
        self._dea = _Shuffle(chance, 10**6 - 1)

    def person(self, index: int) -> Person:
        """The person at ``index``; names never contain digits."""
        given, family = self._name(index)
        chance = _chance(self._seed, index)
        duty = DUTIES[index % len(DUTIES)]
        is_provider = duty in (PHYSICIAN, ASSISTANT_PHYSICIAN)
        manages = duty == OFFICE_MANAGER or (duty == PHYSICIAN and chance.random() < 0.1)
        return Person(
            okta_id="00u" + "".join(chance.choices("abcdefghijkmnopqrstuvwxyz0123456789ABCDEFGH", k=17)),
            user_name=f"{_ascii(given)}.{_ascii(family)}@{self.email_domain}".lower(),
            given_name=given,
            family_name=family,
            is_provider=is_provider,
            is_physician_assistant=duty == ASSISTANT_PHYSICIAN,
            npi=npi_from(f"2{self._npi(index):08d}") if is_provider else "",
            dea_license=self._dea_license(index, duty, family, chance) if is_provider else "",
            role="Manager" if manages else "Assistant",
            time_zone=chance.choices(TIME_ZONES, weights=(45, 30, 7, 14, 2, 2))[0],
            site_numbers=self._sites(duty, chance),
        )

    def _name(self, index: int) -> tuple[str, str]:
        """Every pair of names once; after that double family names, again each pair once."""
        round_number, position = divmod(index, len(GIVEN_NAMES) * len(FAMILY_NAMES))
        given, family = divmod(self._names(position), len(FAMILY_NAMES))
        if round_number == 0:
            return GIVEN_NAMES[given], FAMILY_NAMES[family]
        second = FAMILY_NAMES[(family + round_number) % len(FAMILY_NAMES)]
        return GIVEN_NAMES[given], f"{FAMILY_NAMES[family]}-{second}"

    def _dea_license(self, index: int, duty: int, family: str, chance: random.Random) -> str:
        """Mid-level practitioners hold M numbers; one physician in five has no registration."""
        if duty == ASSISTANT_PHYSICIAN:
            return dea_from("M", family, self._dea(index % self._dea.size) + 1)
        if chance.random() < 0.2:
            return ""
        return dea_from(chance.choice("ABF"), family, self._dea(index % self._dea.size) + 1)

    def _sites(self, duty: int, chance: random.Random) -> tuple[str, ...]:
        """One site at the front desk, up to three for those who travel."""
        most = 1 if duty == FRONT_DESK else 3
        return tuple(sorted(chance.sample(self.sites, min(len(self.sites), chance.randint(1, most)))))


class _Shuffle:
    """A fixed rearrangement of ``range(size)`` that needs no memory: x -> (a·x + b) mod size."""

    def __init__(self, chance: random.Random, size: int) -> None:
        self.size = size
        self._offset = chance.randrange(size)
        self._factor = chance.randrange(size // 3, size)
        while gcd(self._factor, size) != 1:
            self._factor += 1

    def __call__(self, position: int) -> int:
        return (self._factor * position + self._offset) % self.size


def npi_from(stem: str) -> str:
    """The ten-digit NPI for a nine-digit stem: Luhn over "80840" + stem (45 CFR 162.406)."""
    total = 24
    for position, digit in enumerate(reversed(stem)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return stem + str(-total % 10)


def dea_from(kind: str, family_name: str, number: int) -> str:
    """A DEA registration number: kind, initial of the family name, six digits, check digit.

    The check digit is the last digit of (d1+d3+d5) + 2·(d2+d4+d6).
    """
    digits = f"{number:06d}"
    total = sum(map(int, digits[::2])) + 2 * sum(map(int, digits[1::2]))
    return f"{kind}{_ascii(family_name)[0].upper()}{digits}{total % 10}"


def _ascii(name: str) -> str:
    """The name as it appears in an email address: no accents, apostrophes or blanks."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.replace("'", "").replace(" ", "")


def _chance(seed: int, purpose: object) -> random.Random:
    return random.Random(f"mdscripts:{seed}:{purpose}")  # noqa: S311 - repeatable on purpose
