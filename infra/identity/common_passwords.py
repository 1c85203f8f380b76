"""Refuses passwords that are guessed first: common words, sequences, and the own name or address of the person."""

import re
from unicodedata import normalize

from commands.accounts.errors import WeakPassword

SHORTEST, LONGEST = 10, 128
LEAST_DIFFERENT = 5
LONGEST_PART = 4
"""Characters of a name or an address from which on a password may not be mostly made of it."""

_LISTED = """
password passwort passwd motdepasse contrasena wachtwoord parola haslo letmein welcome willkommen bienvenue admin
administrator root login user test guest master shop shopping counterfoil secret geheim sesame opensesame iloveyou
iloveu loveyou lovely princess sunshine monkey dragon football baseball basketball soccer hockey superman batman
spiderman starwars pokemon naruto minecraft trustno access whatever freedom flower summer winter spring autumn sommer
januar february september october november december january hello hallo ciao bonjour computer internet samsung iphone
android google facebook youtube twitter michael jennifer jessica ashley daniel charlie jordan thomas andrew joshua
matthew anthony nicole hannah michelle cheese chocolate cookie ginger buster tigger pepper killer hunter ranger
mustang ferrari porsche mercedes corvette harley yankees cowboys eagles liverpool chelsea arsenal barcelona juventus
qwerty qwertz azerty asdfgh zxcvbn qazwsx qwertyuiop asdfghjkl zxcvbnm changeme default temporary temp newpassword
mypassword security private nothing something anything forever together
"""

WORDS = frozenset(_LISTED.split())
"""What lists of leaked passwords have at their head, without the digits that are put around it."""

ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm")
LOOK_ALIKES = str.maketrans("@4301!|5$7", "aaeoiiisst")
EDGES = re.compile(r"^[\d\W_]+|[\d\W_]+$")
FIX = "Choose another one: three or four words that do not belong together are good."


def check(password: str, *about: str) -> None:
    """Raises WeakPassword. `about` is what is known of the person: their address, their name."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"A password has at least {SHORTEST} characters.", "password")
    if len(password) > LONGEST:
        raise WeakPassword(f"A password has at most {LONGEST} characters.", "password")
    plain = normalize("NFKC", password).casefold()
    if len(set(plain)) < LEAST_DIFFERENT or _repeats(plain):
        raise WeakPassword(f"This password repeats a few characters. {FIX}", "password")
    if any(plain in row * 2 or plain in row[::-1] * 2 for row in ROWS):
        raise WeakPassword(f"This password follows the alphabet or the keyboard. {FIX}", "password")
    cores = {
        EDGES.sub("", plain),
        EDGES.sub("", plain).translate(LOOK_ALIKES),
        EDGES.sub("", plain.translate(LOOK_ALIKES)),
    }
    if any(_of_words(core) for core in cores):
        raise WeakPassword(f"This password is among those that are guessed first. {FIX}", "password")
    parts = {part for text in about for part in re.split(r"[\W_]+", text.casefold()) if len(part) >= LONGEST_PART}
    if any(2 * len(part) >= len(plain) for part in parts if part in plain):
        raise WeakPassword(f"This password is made of the name or the address. {FIX}", "password")


def _repeats(plain: str) -> bool:
    """A short piece again and again."""
    return any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, 5))


def _of_words(core: str) -> bool:
    """One of the words, or two of them side by side."""
    if core in WORDS or any(core in row or core in row[::-1] for row in ROWS if len(core) > 2):
        return True
    return any(core[:at] in WORDS and core[at:] in WORDS for at in range(3, len(core) - 2))
