"""Compares `palisade prove no-new-access` with the solver cvc5 on random questions.

    run.py                        the questions of which answers.txt holds cvc5's answers, and a few that nobody has asked before
    run.py --sample 2000             of the former only so many, chosen at random
    run.py --from 5000 --count 100   both asked about these
    run.py --write --count 10000     cvc5 asked, its answers written to answers.txt

PALISADE_BIN names the program. cvc5 may not know within its time; then any answer of Palisade's stands, and both are counted.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import secrets
import subprocess
import sys
import tempfile

import encoding
from questions import Questions

ANSWERS = pathlib.Path(__file__).parent / "answers.txt"
#: Questions on a line of the answers.
LINE = 100
#: Milliseconds that cvc5 has for a question.
LIMIT = 5_000
#: Seconds after which Palisade is not waited for: it does not know either.
PATIENCE = 20
#: Questions that nobody has asked before, in a run without arguments.
FRESH = 100
LETTERS = {"sat": "v", "unsat": "p", "unknown": "u"}
VERDICTS = {"v": "violated", "p": "proved", "u": "unknown"}


def question(seed):
    return Questions(seed).question()


def solved(seed):
    """cvc5's answer to a question, as a letter."""
    old, new = question(seed)
    answer, _ = encoding.ask(old, new, LIMIT)
    return LETTERS[answer]


def fingerprint(seeds):
    """What tells that the questions are those that were asked then."""
    found = hashlib.sha256()
    for seed in seeds:
        found.update(json.dumps(question(seed)).encode())
    return found.hexdigest()[:16]


def facts():
    """Flags that switch off what Palisade knows of the texts of keys, which the encoding does not: how many values one has remains."""
    listed = subprocess.run([program(), "prove", "facts"], capture_output=True, text=True, check=True).stdout
    names = [line.rsplit("fact `", 1)[1].split("`")[0] for line in listed.splitlines() if "fact `" in line]
    assert names, listed
    return [flag for name in names for flag in ("--without-fact", name)]


def program():
    return os.environ["PALISADE_BIN"]


def proved(seed, flags):
    """Palisade's answer, as a letter, and all that it says."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, policy in zip(("old", "new"), question(seed), strict=True):
            path = pathlib.Path(folder) / f"{name}.json"
            path.write_text(json.dumps(policy, indent=1))
            paths.append(str(path))
        command = [program(), "prove", "no-new-access", *paths, "--format", "json", *flags]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return "u", f"no answer within {PATIENCE} seconds"
    try:
        verdict = json.loads(ran.stdout)["verdict"]
    except (ValueError, KeyError):
        return "failed", ran.stdout + ran.stderr
    return verdict[0], ran.stdout


def compare(expected):
    """Asks Palisade all questions of which the answers are given, and prints where it answers otherwise."""
    flags = facts()
    counted, wrong = collections.Counter(), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
        for (seed, theirs), (ours, said) in zip(
            expected.items(), threads.map(lambda seed: proved(seed, flags), expected), strict=True
        ):
            counted[theirs, ours] += 1
            if ours == "failed" or {ours, theirs} == {"v", "p"}:
                wrong += 1
                old, new = question(seed)
                print(f"question {seed}: cvc5 says {VERDICTS[theirs]}, Palisade {VERDICTS.get(ours, ours)}")
                print(f"  old: {json.dumps(old)}\n  new: {json.dumps(new)}\n  {said.strip()}")
    for (theirs, ours), count in sorted(counted.items()):
        print(f"{count:6} cvc5 {VERDICTS[theirs]}, Palisade {VERDICTS.get(ours, ours)}")
    decided = sum(count for (theirs, _), count in counted.items() if theirs != "u")
    open_ = sum(count for (_, ours), count in counted.items() if ours == "u")
    print(f"{len(expected)} questions: cvc5 decides {decided}, Palisade {len(expected) - open_}; {wrong} disagreements")
    return wrong == 0


def read():
    """The answers of cvc5 that are on record, by seed."""
    found = {}
    for line in ANSWERS.read_text().splitlines():
        first, mark, letters = line.split()
        seeds = range(int(first), int(first) + len(letters))
        if fingerprint(seeds) != mark:
            sys.exit(f"{ANSWERS.name}: the questions from {first} on are others now; write the answers anew with `--write`")
        found.update(zip(seeds, letters, strict=True))
    return found


def solve(seeds):
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as processes:
        return dict(zip(seeds, processes.map(solved, seeds, chunksize=10), strict=True))


def write(seeds):
    with ANSWERS.open("w") as out:
        for first in range(seeds.start, seeds.stop, LINE):
            line = range(first, min(first + LINE, seeds.stop))
            out.write(f"{first} {fingerprint(line)} {''.join(solve(line).values())}\n")
            out.flush()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--from", dest="first", type=int, default=0)
    arguments.add_argument("--count", type=int)
    arguments.add_argument("--sample", type=int)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    if chosen.write:
        return write(range(chosen.first, chosen.first + (chosen.count or 10_000)))
    if chosen.count:
        agreed = compare(solve(range(chosen.first, chosen.first + chosen.count)))
    else:
        known = read()
        asked = random.sample(sorted(known), min(chosen.sample or len(known), len(known)))
        agreed = compare({seed: known[seed] for seed in asked})
        fresh = secrets.randbelow(1 << 48)
        agreed = compare(solve(range(fresh, fresh + FRESH))) and agreed
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
