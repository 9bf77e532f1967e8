"""`limpid vercmp dpkg` against dpkg itself: thousands of made-up pairs, and their validity."""
import os
import random
import shutil
import subprocess

import pytest

LIMPID = os.environ.get("LIMPID")
SEED = int(os.environ.get("LIMPID_SEED", "20240601"))
PAIRS = int(os.environ.get("LIMPID_PAIRS", "3000"))

pytestmark = pytest.mark.skipif(
    not LIMPID or not shutil.which("dpkg"), reason="needs LIMPID, the path of the built program, and dpkg"
)

PIECES = ["0", "1", "2", "9", "10", "00", "01", "100", "99999999999999999999", "a", "b", "z", "A", "Z", "rc", "dfsg", "deb12u",
          ".", ".", ".", "+", "~", "~~", "~rc", "+b", "~bpo", "+deb12u", "-", ":", "ubuntu"]
ODD = PIECES + [" ", "_", "@", "\u00e9", ","]


def version(rng):
    """Mostly versions as they are, sometimes what is none."""
    pieces = ODD if rng.random() < 0.05 else PIECES
    text = str(rng.choice([0, 1, 2, 10])) + "".join(rng.choice(pieces) for _ in range(rng.randrange(6)))
    if rng.random() < 0.5:
        text += "-" + rng.choice(["0", "1", "2", "1.1", "0ubuntu1", "1~deb12u1", "1+b1", "1+deb12u10", "1+deb12u9"])
    if rng.random() < 0.3:
        text = rng.choice(["0", "1", "2", "01", "", "x"] if rng.random() < 0.1 else ["0", "1", "2", "01"]) + ":" + text
    if rng.random() < 0.02:
        text = rng.choice(["", "a", "~", ".", " "]) + text
    return text


def near(rng, text):
    """A version that differs from another in one place: where comparators go wrong."""
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(["", "0", "1", "~", "+", ".", "a", "-"]) + text[at + rng.randrange(2):]


def dpkg(*arguments):
    done = subprocess.run(["dpkg", *arguments], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stderr


def dpkg_says(a, b):
    # A blank before a version does not count for dpkg, and keeps it from being taken for an option.
    if any(dpkg("--validate-version", " " + v)[0] != 0 for v in (a, b)):
        return "!"
    for operator, sign in (("lt", "<"), ("eq", "="), ("gt", ">")):
        code, text = dpkg("--compare-versions", " " + a, operator, " " + b)
        assert code in (0, 1), text
        if code == 0:
            return sign
    raise AssertionError(f"dpkg finds no order between {a!r} and {b!r}")


def limpid_says(pairs):
    text = "".join(f"{a}\t{b}\n" for a, b in pairs)
    done = subprocess.run([LIMPID, "vercmp", "dpkg"], input=text, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_random_pairs():
    rng = random.Random(SEED)
    pairs = []
    while len(pairs) < PAIRS:
        a = version(rng)
        b = near(rng, a) if rng.random() < 0.6 else version(rng)
        pairs.append((a, b))
    ours = limpid_says(pairs)
    assert len(ours) == len(pairs)
    wrong = [(pair, we, they) for pair, we in zip(pairs, ours) if we != (they := dpkg_says(*pair))]
    assert wrong == [], f"seed {SEED}"
    assert {"<", "=", ">", "!"} == set(ours)
