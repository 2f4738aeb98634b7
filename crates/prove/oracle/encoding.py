"""The meaning of an identity policy as a formula over strings, for the solver cvc5.

Written from the rules of the language (`spec/`), and from no other program. A request is an action, a resource and a value of each key: text
and its kin are absent or one value, sets are lists of up to `MOST` values. A value of a number, date, address, ARN or boolean may also be one
that its operators cannot read; then a condition on it is neither true nor false, an Allow does not allow, and a Deny denies.
"""

import cvc5
from cvc5 import Kind

import questions as vocabulary

#: Values of a set. Each condition needs at most one value of its own, and no question here has more on one set.
MOST = 4
#: Stands in a pattern for the value of a key.
VARIABLE = "variable"


def listed(value):
    return value if isinstance(value, list) else [value]


def tokens(text, variables):
    """A pattern as a list of characters, `("*",)`, `("?",)` and `(VARIABLE, key)`."""
    found, rest = [], text
    while rest:
        if variables and rest.startswith("${"):
            key, rest = rest[2:].split("}", 1)
            found.append((VARIABLE, key))
            continue
        found.append((rest[0],) if rest[0] in "*?" else rest[0])
        rest = rest[1:]
    return found


class Encoding:
    """The requests, and what policies say of them."""

    def __init__(self, limit):
        self.terms = cvc5.TermManager()
        self.solver = cvc5.Solver(self.terms)
        for name, value in {"produce-models": "true", "strings-exp": "true", "tlimit-per": str(limit)}.items():
            self.solver.setOption(name, value)
        self.solver.setLogic("QF_SLIA")
        tm = self.terms
        self.string, self.integer, self.boolean = tm.getStringSort(), tm.getIntegerSort(), tm.getBooleanSort()
        self.char = tm.mkTerm(Kind.REGEXP_RANGE, tm.mkString(" "), tm.mkString("~"))
        before, behind = ((" ", "9"), (";", "~"))
        self.no_colon = tm.mkTerm(Kind.REGEXP_UNION, *[
            tm.mkTerm(Kind.REGEXP_RANGE, tm.mkString(a), tm.mkString(b)) for a, b in (before, behind)
        ])
        self.printable = tm.mkTerm(Kind.REGEXP_STAR, self.char)
        self.uncolonned = tm.mkTerm(Kind.REGEXP_STAR, self.no_colon)
        self._request()

    # Formulas

    def all(self, formulas):
        formulas = list(formulas)
        if not formulas:
            return self.terms.mkTrue()
        return formulas[0] if len(formulas) == 1 else self.terms.mkTerm(Kind.AND, *formulas)

    def any(self, formulas):
        formulas = list(formulas)
        if not formulas:
            return self.terms.mkFalse()
        return formulas[0] if len(formulas) == 1 else self.terms.mkTerm(Kind.OR, *formulas)

    def no(self, formula):
        return self.terms.mkTerm(Kind.NOT, formula)

    def constant(self, value):
        return self.terms.mkTrue() if value else self.terms.mkFalse()

    def text(self, value):
        return self.terms.mkString(value)

    def number(self, value):
        return self.terms.mkInteger(str(value))

    def same(self, left, right):
        return self.terms.mkTerm(Kind.EQUAL, left, right)

    def within(self, text, expression):
        return self.terms.mkTerm(Kind.STRING_IN_REGEXP, text, expression)

    # The request

    def _text(self, name, expression=None):
        found = self.terms.mkConst(self.string, name)
        self.solver.assertFormula(self.within(found, expression or self.printable))
        return found

    def _flag(self, name):
        return self.terms.mkConst(self.boolean, name)

    def _request(self):
        tm = self.terms
        letters = tm.mkTerm(Kind.REGEXP_PLUS, tm.mkTerm(Kind.REGEXP_RANGE, self.text("a"), self.text("z")))
        service = tm.mkTerm(Kind.REGEXP_UNION, letters, tm.mkTerm(Kind.STRING_TO_REGEXP, self.text("s3")))
        colon = tm.mkTerm(Kind.STRING_TO_REGEXP, self.text(":"))
        self.action = self._text("action", tm.mkTerm(Kind.REGEXP_CONCAT, service, colon, letters))
        #: Whether the resource is `*`, of an action without resources; otherwise the parts of its ARN.
        self.no_resource = self._flag("no resource")
        self.parts = self._arn("resource")
        self.present, self.readable, self.blank, self.value = {}, {}, {}, {}
        for key in vocabulary.TEXT:
            self.present[key], self.value[key] = self._flag(f"{key} present"), self._text(key)
        for key in vocabulary.SETS:
            count = tm.mkConst(self.integer, f"{key} count")
            self.solver.assertFormula(tm.mkTerm(Kind.LEQ, self.number(0), count))
            self.solver.assertFormula(tm.mkTerm(Kind.LEQ, count, self.number(MOST)))
            self.present[key] = self.no(self.same(count, self.number(0)))
            self.value[key] = (count, [self._text(f"{key} {n}") for n in range(MOST)])
        for key in vocabulary.NUMBERS + vocabulary.DATES + vocabulary.BOOLS + vocabulary.ADDRESSES + vocabulary.ARNS:
            self.present[key], self.readable[key] = self._flag(f"{key} present"), self._flag(f"{key} readable")
            # What cannot be read may be the empty text, which counts as no value.
            self.blank[key] = self._flag(f"{key} blank")
        for key in vocabulary.NUMBERS + vocabulary.DATES:
            # Halves, so that there is something between two values of a policy.
            self.value[key] = tm.mkConst(self.integer, key)
        for key in vocabulary.BOOLS:
            self.value[key] = self._flag(key)
        for key in vocabulary.ADDRESSES:
            address = tm.mkConst(self.integer, key)
            self.solver.assertFormula(tm.mkTerm(Kind.LEQ, self.number(0), address))
            self.solver.assertFormula(tm.mkTerm(Kind.LT, address, self.number(1 << 32)))
            # An address of version 6 is in no block of version 4.
            self.value[key] = (self._flag(f"{key} six"), address)
        for key in vocabulary.ARNS:
            self.value[key] = self._arn(key)

    def _arn(self, name):
        """Partition, service, region, account and the rest."""
        return [
            *(self._text(f"{name} {n}", self.uncolonned) for n in range(4)),
            self._text(f"{name} rest"),
        ]

    # Patterns

    def expression(self, pattern, single, folded=False):
        """A regular expression for tokens without variables."""
        tm, parts = self.terms, []
        for token in pattern:
            if token == ("*",):
                parts.append(tm.mkTerm(Kind.REGEXP_STAR, single))
            elif token == ("?",):
                parts.append(single)
            elif folded and token.lower() != token.upper():
                both = [tm.mkTerm(Kind.STRING_TO_REGEXP, self.text(c)) for c in (token.lower(), token.upper())]
                parts.append(tm.mkTerm(Kind.REGEXP_UNION, *both))
            else:
                parts.append(tm.mkTerm(Kind.STRING_TO_REGEXP, self.text(token)))
        if not parts:
            return tm.mkTerm(Kind.STRING_TO_REGEXP, self.text(""))
        return parts[0] if len(parts) == 1 else tm.mkTerm(Kind.REGEXP_CONCAT, *parts)

    def matches(self, text, pattern, single=None):
        """Whether `text` matches tokens. A variable without a value matches nothing."""
        tm = self.terms
        keys = [token[1] for token in pattern if token[0] == VARIABLE]
        if not keys:
            if all(isinstance(token, str) for token in pattern):
                return self.same(text, self.text("".join(pattern)))
            return self.within(text, self.expression(pattern, single or self.char))
        begins, ends = pattern[-1] == ("*",), pattern[0] == ("*",)
        middle = pattern[1 if ends else 0 : -1 if begins else None]
        pieces, literal = [], ""
        for token in [*middle, None]:
            if isinstance(token, str):
                literal += token
                continue
            pieces.append(self.text(literal))
            literal = ""
            if token is not None:
                assert token[0] == VARIABLE, f"no wildcard may stand inside {pattern}"
                pieces.append(self.value[token[1]])
        whole = tm.mkTerm(Kind.STRING_CONCAT, *pieces)
        if begins and ends:
            found = tm.mkTerm(Kind.STRING_CONTAINS, text, whole)
        elif begins:
            found = tm.mkTerm(Kind.STRING_PREFIX, whole, text)
        elif ends:
            found = tm.mkTerm(Kind.STRING_SUFFIX, whole, text)
        else:
            found = self.same(text, whole)
        return self.all([found, *(self.present[key] for key in keys)])

    def arn_matches(self, parts, pattern, variables):
        """Whether an ARN's parts match an ARN pattern, each by itself."""
        if pattern == "*":
            return self.constant(True)
        head, *rest = pattern.split(":", 5)
        assert head == "arn" and len(rest) == 5, pattern
        singles = [self.no_colon] * 4 + [self.char]
        pairs = zip(parts, rest, singles, strict=True)
        return self.all(self.matches(part, tokens(text, variables), single) for part, text, single in pairs)

    # Statements

    def _action(self, patterns):
        return self.any(self.matches(self.action, tokens(text.lower(), False)) for text in listed(patterns))

    def _resource(self, patterns, variables):
        def one(pattern):
            if pattern == "*":
                return self.constant(True)
            return self.all([self.no(self.no_resource), self.arn_matches(self.parts, pattern, variables)])

        return self.any(one(pattern) for pattern in listed(patterns))

    def condition(self, operator, key, values, variables):
        """A condition as a pair of formulas: it is true; it may be."""
        values = listed(values)
        if operator == "Null":
            value = self.present[key]
            if key in vocabulary.TEXT:
                value = self.all([value, self.no(self.same(self.value[key], self.text("")))])
            if key in self.readable:
                value = self.all([value, self.any([self.readable[key], self.no(self.blank[key])])])
            wanted = [self.no(value) if text == "true" else value for text in values]
            return (self.any(wanted),) * 2
        lenient, operator = operator.endswith("IfExists"), operator.removesuffix("IfExists")
        qualifier, colon, base = operator.rpartition(":")
        negated = "Not" in base
        if colon:
            return (self._set(qualifier, base, negated, lenient, key, values, variables),) * 2
        known = self._known(base.replace("Not", ""), key, values, variables)
        holds = self.no(known) if negated else known
        missing = self.no(self.present[key]) if lenient or negated else self.constant(False)
        readable = self.readable.get(key, self.constant(True))
        true = self.any([missing, self.all([self.present[key], readable, holds])])
        possible = self.any([missing, self.all([self.present[key], self.any([self.no(readable), holds])])])
        return true, possible

    def _set(self, qualifier, base, negated, lenient, key, values, variables):
        count, members = self.value[key]

        def one(member):
            found = self.any(self._string(base.replace("Not", ""), member, text, variables) for text in values)
            return self.no(found) if negated else found

        there = [self.terms.mkTerm(Kind.LT, self.number(n), count) for n in range(MOST)]
        if qualifier == "ForAllValues":
            return self.all(self.any([self.no(here), one(m)]) for here, m in zip(there, members))
        found = self.any(self.all([here, one(m)]) for here, m in zip(there, members))
        return self.any([found, self.no(self.present[key])]) if lenient else found

    def _string(self, base, text, value, variables):
        if base == "StringEqualsIgnoreCase":
            return self.within(text, self.expression(list(value), self.char, folded=True))
        pattern = tokens(value, variables)
        if base == "StringEquals":
            # Stars and question marks mean themselves.
            pattern = [t[0] if t in (("*",), ("?",)) else t for t in pattern]
        return self.matches(text, pattern)

    def _known(self, base, key, values, variables):
        """Whether a value that is there and can be read is as one of the policy's says."""
        value = self.value[key]
        if base.startswith("String"):
            return self.any(self._string(base, value, text, variables) for text in values)
        if base.startswith("Arn"):
            return self.any(self.arn_matches(value, text, variables) for text in values)
        if base == "Bool":
            return self.any(value if text == "true" else self.no(value) for text in values)
        if base == "IpAddress":
            six, address = value

            def inside(block):
                start, end = bounds(block)
                ends = [(Kind.LEQ, self.number(start), address), (Kind.LEQ, address, self.number(end))]
                return self.all([self.no(six), *(self.terms.mkTerm(*end) for end in ends)])

            return self.any(inside(block) for block in values)
        kind = {
            "Equals": Kind.EQUAL,
            "LessThan": Kind.LT,
            "LessThanEquals": Kind.LEQ,
            "GreaterThan": Kind.GT,
            "GreaterThanEquals": Kind.GEQ,
        }[base.removeprefix("Numeric").removeprefix("Date")]
        read = int if base.startswith("Numeric") else seconds
        return self.any(self.terms.mkTerm(kind, value, self.number(2 * read(text))) for text in values)

    def statement(self, statement, version):
        """A statement as a pair of formulas: it applies; it may."""
        variables = version == "2012-10-17"
        parts = []
        for name, make in (("Action", self._action), ("Resource", lambda value: self._resource(value, variables))):
            if name in statement:
                found = make(statement[name])
            else:
                found = self.no(make(statement[f"Not{name}"]))
            parts.append((found, found))
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                parts.append(self.condition(operator, key, values, variables))
        return self.all(true for true, _ in parts), self.all(possible for _, possible in parts)

    def allowed(self, policy):
        """Whether an identity policy allows the request."""
        allows, denies = [], []
        for statement in policy["Statement"]:
            true, possible = self.statement(statement, policy["Version"])
            (allows if statement["Effect"] == "Allow" else denies).append((true, possible))
        allowed = self.any(true for true, _ in allows)
        return self.all([allowed, self.no(self.any(possible for _, possible in denies))])

    # Answers

    def find(self, formula):
        """`("sat", request)`, `("unsat", None)` or `("unknown", None)`."""
        self.solver.assertFormula(formula)
        result = self.solver.checkSat()
        if result.isUnsat():
            return "unsat", None
        if result.isSat():
            return "sat", self._found()
        return "unknown", None

    def _value(self, term):
        value = self.solver.getValue(term)
        for is_kind, get in (
            (value.isBooleanValue, value.getBooleanValue),
            (value.isIntegerValue, value.getIntegerValue),
            (value.isStringValue, value.getStringValue),
        ):
            if is_kind():
                return get()
        raise ValueError(f"{value}")

    def _found(self):
        """The request of the solver's model, as `palisade simulate` reads it."""
        arn = lambda parts: ":".join(["arn", *(self._value(part) for part in parts)])
        context = {}
        for key, present in self.present.items():
            if not self._value(present):
                continue
            value = self.value[key]
            if key in self.readable and not self._value(self.readable[key]):
                context[key] = "" if self._value(self.blank[key]) else "what it is nobody can say"
            elif key in vocabulary.TEXT:
                context[key] = self._value(value)
            elif key in vocabulary.SETS:
                count, members = value
                context[key] = [self._value(member) for member in members[: self._value(count)]]
            elif key in vocabulary.NUMBERS:
                context[key] = str(self._value(value) / 2)
            elif key in vocabulary.DATES:
                context[key] = written(self._value(value))
            elif key in vocabulary.BOOLS:
                context[key] = self._value(value)
            elif key in vocabulary.ADDRESSES:
                six, address = value
                context[key] = "2001:db8::1" if self._value(six) else dotted(self._value(address))
            else:
                context[key] = arn(value)
        resource = "*" if self._value(self.no_resource) else arn(self.parts)
        return {"action": self._value(self.action), "resource": resource, "context": context}


def bounds(block):
    """The first and the last address of a block, as numbers."""
    address, _, bits = block.partition("/")
    first = 0
    for part in address.split("."):
        first = first << 8 | int(part)
    size = 1 << 32 - int(bits or 32)
    first -= first % size
    return first, first + size - 1


def dotted(address):
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def seconds(text):
    from datetime import datetime

    return int(datetime.fromisoformat(text).timestamp())


def written(halves):
    """An instant, given in half seconds."""
    from datetime import datetime, timedelta, timezone

    start = datetime(1970, 1, 1, tzinfo=timezone.utc)
    found = start + timedelta(milliseconds=500 * halves)
    return found.strftime("%Y-%m-%dT%H:%M:%S") + (".500Z" if halves % 2 else "Z")


def ask(old, new, limit=10_000):
    """Whether NEW allows a request that OLD does not."""
    encoding = Encoding(limit)
    return encoding.find(encoding.all([encoding.allowed(new), encoding.no(encoding.allowed(old))]))
