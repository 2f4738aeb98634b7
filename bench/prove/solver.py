"""Answers questions with cvc5, one a line: {"old": policy, "new": policy} or {"tenants": count}.

Each answer is {"answer": "proved" | "violated" | "unknown", "time": microseconds of processor time in `checkSat`}.
"""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "crates/prove/oracle"))

import cvc5
import encoding
from cvc5 import Kind

#: Milliseconds that a question has.
LIMIT = 10_000
NAMES = {"unsat": "proved", "sat": "violated", "unknown": "unknown"}

KINDS = encoding.vocabulary
KINDS.TEXT = [
    "aws:SourceIdentity", "aws:PrincipalTag/team", "sagemaker:DomainId", "sagemaker:UserProfileName", "aws:username",
    "aws:ResourceTag/sagemaker:user-profile-arn", "aws:RequestedRegion", "aws:ResourceTag/owner", "aws:PrincipalOrgID",
]
KINDS.SETS = ["aws:TagKeys"]
KINDS.NUMBERS = ["aws:MultiFactorAuthAge"]
KINDS.DATES = []
KINDS.BOOLS = ["aws:SecureTransport"]
KINDS.ADDRESSES = ["aws:SourceIp"]
KINDS.ARNS = ["aws:SourceArn"]


class Timed(encoding.Encoding):
    """Measures the solver and leaves the request that it found."""

    def find(self, formula):
        self.solver.assertFormula(formula)
        return check(self.solver)


def check(solver):
    start = time.process_time()
    result = solver.checkSat()
    spent = (time.process_time() - start) * 1e6
    answer = "unsat" if result.isUnsat() else "sat" if result.isSat() else "unknown"
    return answer, spent


def pair(old, new):
    timed = Timed(LIMIT)
    if any("StringLike" in s.get("Condition", {}) and "aws:SourceArn" in s["Condition"]["StringLike"] for s in new["Statement"]):
        return text_of_arn(timed, old, new)
    return timed.find(timed.all([timed.allowed(new), timed.no(timed.allowed(old))]))


def text_of_arn(timed, old, new):
    """An ARN that is compared as a text: its parts joined."""
    parts = timed.value["aws:SourceArn"]
    pieces = [timed.text("arn")]
    for part in parts:
        pieces += [timed.text(":"), part]
    whole = timed.terms.mkTerm(Kind.STRING_CONCAT, *pieces)
    (pattern,) = (s["Condition"].pop("StringLike")["aws:SourceArn"] for s in new["Statement"])
    like = timed.matches(whole, encoding.tokens(pattern, True))
    readable = timed.all([timed.present["aws:SourceArn"], timed.readable["aws:SourceArn"]])
    return timed.find(timed.all([timed.allowed(new), readable, like, timed.no(timed.allowed(old))]))


def tenants(count):
    """Whether one of so many tenants, each with a policy for a folder, reaches another's."""
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("strings-exp", "true")
    solver.setOption("tlimit-per", str(LIMIT))
    solver.setLogic("QF_SLIA")
    resource = terms.mkConst(terms.getStringSort(), "resource")
    begins = [
        terms.mkTerm(Kind.STRING_PREFIX, terms.mkString(f"arn:aws:s3:::b/users/t{n}/"), resource) for n in range(count)
    ]
    pairs = [terms.mkTerm(Kind.AND, begins[i], begins[j]) for i in range(count) for j in range(count) if i != j]
    solver.assertFormula(terms.mkTerm(Kind.OR, *pairs))
    return check(solver)


for line in sys.stdin:
    # The encoding's services have no digits but `s3`.
    question = json.loads(line.replace("ec2:", "ecs:"))
    answer, spent = tenants(question["tenants"]) if "tenants" in question else pair(question["old"], question["new"])
    print(json.dumps({"answer": NAMES[answer], "time": spent}), flush=True)
