"""Random questions of the form "does NEW allow a request that OLD does not?", as pairs of identity policies.

The vocabulary is small, so that patterns often meet. Each key has one type, as AWS's keys have: what a policy asks of a key is what is asked
of such keys.
"""

import random

TEXT = ["aws:SourceIdentity", "aws:PrincipalTag/user", "s3:prefix", "aws:PrincipalTag/team"]
SETS = ["aws:TagKeys"]
NUMBERS = ["s3:max-keys"]
DATES = ["aws:CurrentTime"]
BOOLS = ["aws:SecureTransport"]
ADDRESSES = ["aws:SourceIp"]
ARNS = ["aws:SourceArn"]
#: Keys whose value a pattern may hold.
VARIABLES = ["aws:SourceIdentity", "aws:PrincipalTag/user", "aws:PrincipalTag/team"]

ACTIONS = ["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:?etObject", "s3:*Object", "s3:PutObject", "sqs:*", "s3:List*"]
LETTERS = ["a", "b", "/", "-"]
INSTANTS = ["2020-01-01T00:00:00Z", "2021-06-01T12:00:00Z", "2022-01-01T00:00:00Z"]
BLOCKS = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.168.0.0/24", "0.0.0.0/0"]
REGIONS = ["*", "us-east-1", "us-*", "??-east-1"]
OWNERS = ["*", "111122223333", "11112222*", "444455556666"]


class Questions:
    """Questions from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def pick(self, of):
        return self.random.choice(of)

    def some(self, make, most=3):
        found = [make() for _ in range(self.random.randint(1, most))]
        return found[0] if len(found) == 1 and self.chance(0.5) else found

    def text(self, most=3):
        return "".join(self.pick(LETTERS) for _ in range(self.random.randint(0, most)))

    def glob(self):
        return "".join(self.pick([*LETTERS, *LETTERS, "*", "?"]) for _ in range(self.random.randint(0, 4)))

    def templated(self, wild):
        """A pattern with a variable: stars, if any, at its ends, so that its negation needs no quantifier."""
        found = self.text(2) + "${" + self.pick(VARIABLES) + "}" + self.text(2)
        if self.chance(0.15):
            found += self.pick(["/", "-", "ab"]) + "${" + self.pick(VARIABLES) + "}" + self.text(1)
        if wild and self.chance(0.6):
            found = self.pick([found + "*", found + "/*", "*" + found, "*" + found + "*"])
        return found

    def resource(self):
        if self.chance(0.2):
            return "*"
        rest = self.templated(True) if self.chance(0.35) else self.glob()
        return "arn:aws:s3:::" + (rest or "a")

    def arn(self):
        rest = self.templated(True) if self.chance(0.25) else self.glob()
        return f"arn:aws:sns:{self.pick(REGIONS)}:{self.pick(OWNERS)}:{rest}"

    def condition(self):
        kind = self.random.choices(
            ["text", "set", "number", "date", "bool", "address", "arn", "null"], [9, 4, 2, 1, 1, 2, 2, 3]
        )[0]
        suffix = "IfExists" if self.chance(0.2) else ""
        if kind == "text":
            operator = self.pick(
                ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"] * 3
                + ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]
            )
            if "IgnoreCase" in operator:
                return operator + suffix, self.pick(TEXT), self.some(lambda: self.text().upper() or "A")
            wild = "Like" in operator
            value = lambda: self.templated(wild) if self.chance(0.3) else self.glob() if wild else self.text()
            return operator + suffix, self.pick(TEXT), self.some(value)
        if kind == "set":
            operator = self.pick(["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"])
            qualifier = self.pick(["ForAllValues:", "ForAnyValue:"])
            value = self.glob if "Like" in operator else self.text
            return qualifier + operator + suffix, self.pick(SETS), self.some(value)
        if kind in ("number", "date"):
            family = {"number": "Numeric", "date": "Date"}[kind]
            operator = self.pick(
                ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
            )
            value = (lambda: str(self.random.randint(0, 3))) if kind == "number" else (lambda: self.pick(INSTANTS))
            return family + operator + suffix, self.pick(NUMBERS if kind == "number" else DATES), self.some(value, 2)
        if kind == "bool":
            return "Bool" + suffix, self.pick(BOOLS), self.pick(["true", "false"])
        if kind == "address":
            operator = self.pick(["IpAddress", "NotIpAddress"])
            return operator + suffix, self.pick(ADDRESSES), self.some(lambda: self.pick(BLOCKS), 2)
        if kind == "arn":
            operator = self.pick(["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"])
            return operator + suffix, self.pick(ARNS), self.some(self.arn, 2)
        everything = TEXT + SETS + NUMBERS + DATES + BOOLS + ADDRESSES + ARNS
        return "Null", self.pick(everything), self.pick(["true", "false"])

    def statement(self):
        found = {"Effect": "Deny" if self.chance(0.3) else "Allow"}
        found["NotAction" if self.chance(0.1) else "Action"] = self.some(lambda: self.pick(ACTIONS), 2)
        found["NotResource" if self.chance(0.15) else "Resource"] = self.some(self.resource, 2)
        conditions = {}
        for _ in range(self.random.choices([0, 1, 2, 3], [3, 4, 2, 1])[0]):
            operator, key, values = self.condition()
            conditions.setdefault(operator, {})[key] = values
        if conditions:
            found["Condition"] = conditions
        return found

    def policy(self):
        statements = [self.statement() for _ in range(self.random.randint(1, 3))]
        return {"Version": "2012-10-17" if self.chance(0.95) else "2008-10-17", "Statement": statements}

    def edited(self, policy):
        """The policy with one thing changed, as most new policies are."""
        import copy

        found = copy.deepcopy(policy)
        statements = found["Statement"]
        at = self.random.randrange(len(statements))
        change = self.random.randrange(6)
        if change == 0:
            statements.append(self.statement())
        elif change == 1 and len(statements) > 1:
            del statements[at]
        elif change == 2:
            statements[at].pop("Condition", None)
        elif change == 3:
            operator, key, values = self.condition()
            statements[at].setdefault("Condition", {}).setdefault(operator, {})[key] = values
        elif change == 4:
            name = "Resource" if "Resource" in statements[at] else "NotResource"
            statements[at][name] = self.some(self.resource, 2)
        else:
            statements[at]["Effect"] = "Deny" if statements[at]["Effect"] == "Allow" else "Allow"
        return found

    def question(self):
        """A pair (OLD, NEW)."""
        old = self.policy()
        return old, self.edited(old) if self.chance(0.7) else self.policy()
