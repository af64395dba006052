"""Whether a regular expression takes time that grows with the text alone, told from its syntax tree.

Three ways to grow faster are looked for, and each is refused where it cannot be ruled out:

- inside: a repeat without an end whose body can be cut into rounds in more than one way, `(?:a+)*` or `(?:a|a)*`;
- beside: two of them that can share out a stretch between them, `a*a*` or `.*,.*`;
- anew: one that the pattern can start again within, where it is searched for and what follows can fail: `a+b` in `aaaa`.

A possessive or atomic repeat gives nothing back, so the first two do not hold for it. Repeats up to `BOUNDED` count as
constants. Sets of characters are compared over a sample of characters.
"""

import re
from re import _compiler, _constants, _parser

BOUNDED = 2_000
SAMPLE = frozenset(map(chr, range(0x180))) | frozenset(
    "\u017f\u0131\u0130\u2018\u2019\u201c\u201d\u2192\u2026\u2013\u2014\u01c5\u02bc\u0301\u200b\u2028\u4e2d\ufb01\u0663\U0001f600"
)
MANY, LAZY, ATOMIC_REPEAT = _constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT
REPEATS = {MANY, LAZY, ATOMIC_REPEAT}
NEVER = (_constants.AT, _constants.AT_END_STRING)
ZERO_WIDTH = {_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT}


class Judge:
    """Collects what is wrong with one pattern."""

    def __init__(self, pattern, flags=0, *, whole=False):
        self.tree = _parser.parse(pattern, flags & ~re.DEBUG)
        self.end = [NEVER] if whole else []
        self.flags = self.tree.state.flags | flags
        self.problems = []

    # Sets of characters

    def of_one(self, node):
        sub = _parser.SubPattern(self.tree.state, [node])
        single = _compiler.compile(sub, self.flags & ~re.DEBUG) if not isinstance(sub, str) else None
        return frozenset(char for char in SAMPLE if single.fullmatch(char))

    def parts(self, node):
        """The sequences in a node, one after another or instead of each other."""
        op, arg = node
        if op in REPEATS:
            return [arg[2]]
        if op is _constants.SUBPATTERN:
            return [arg[3]]
        if op is _constants.ATOMIC_GROUP:
            return [arg]
        if op is _constants.BRANCH:
            return list(arg[1])
        if op is _constants.GROUPREF_EXISTS:
            return [part for part in arg[1:] if part is not None]
        return []

    def chars(self, node):
        """All characters that a node may take."""
        op, _ = node
        if op in ZERO_WIDTH:
            return frozenset()
        if op is _constants.GROUPREF:
            return SAMPLE
        parts = self.parts(node)
        if not parts:
            return self.of_one(node)
        return frozenset().union(*(self.chars(item) for part in parts for item in part))

    def nullable(self, node):
        op, arg = node
        if op in ZERO_WIDTH or op is _constants.GROUPREF:
            return True
        if op in REPEATS and arg[0] == 0:
            return True
        if op is _constants.BRANCH or op is _constants.GROUPREF_EXISTS:
            return any(all(map(self.nullable, part)) for part in self.parts(node))
        parts = self.parts(node)
        return bool(parts) and all(self.nullable(item) for item in parts[0])

    def certain(self, node):
        """Whether it matches at any place of any text."""
        op, arg = node
        if op in ZERO_WIDTH or op is _constants.GROUPREF:
            return False
        if op in REPEATS and arg[0] == 0:
            return True
        return any(all(map(self.certain, part)) for part in self.parts(node))

    def first(self, items):
        found = frozenset()
        for node in items:
            parts = self.parts(node)
            if parts:
                found |= frozenset().union(*(self.first(part) for part in parts))
            elif node[0] not in ZERO_WIDTH:
                found |= self.chars(node)
            if not self.nullable(node):
                break
        return found

    # The three ways

    def judge(self, *, searched):
        # A fullmatch is tried at one place, so that a search need not reach the end.
        self.inside(self.tree, self.end)
        if searched:
            items = list(self.tree)
            alternatives = items[0][1][1] if len(items) == 1 and items[0][0] is _constants.BRANCH else [items]
            for alternative in alternatives:
                self.anew(list(alternative))
        return self.problems

    def unbounded(self, node):
        return node[0] in REPEATS and node[1][1] > BOUNDED

    def inside(self, items, after):
        """Walk a sequence; `after` is what follows it, to the end of the pattern or of the atomic group around."""
        items = list(items)
        for place, node in enumerate(items):
            rest = items[place + 1 :] + after
            op, arg = node
            if self.unbounded(node):
                self.rounds(node)
                if op is not ATOMIC_REPEAT:
                    self.beside(node, rest)
            for part in self.parts(node):
                if op is ATOMIC_REPEAT or op is _constants.ATOMIC_GROUP:
                    follows = [node] if op is ATOMIC_REPEAT and arg[1] > 1 else []
                    self.inside(part, follows)
                else:
                    again = [node] if op in REPEATS and arg[1] > 1 else []
                    self.inside(part, again + rest)
            if op in (_constants.ASSERT, _constants.ASSERT_NOT):
                self.inside(arg[1], [])

    def rounds(self, node):
        """One way alone to cut what a repeat takes into rounds."""
        body = node[1][2]
        if all(map(self.nullable, body)):
            self.problems.append(f"inside: a round of {self.shown(node)} may be empty")
        for item in body:
            inner = item[1][3] if item[0] is _constants.SUBPATTERN else [item]
            for branch in (each for each in inner if each[0] is _constants.BRANCH):
                seen = frozenset()
                for part in branch[1][1]:
                    start = self.first(part)
                    if start & seen:
                        self.problems.append(f"inside: alternatives of {self.shown(node)} start alike")
                    seen |= start

    def beside(self, node, rest):
        mine = self.chars(node)
        for place, other in enumerate(rest):
            if all(map(self.certain, rest[place:])):
                return
            shared = self.chars(other) & mine
            if any(self.chars(each) & mine for each in self.repeats_in(other)) and shared:
                self.problems.append(f"beside: {self.shown(node)} and {self.shown(other)} can share a stretch")
                return
            if not self.nullable(other) and not self.taken_by(other, mine):
                return

    def taken_by(self, node, chars):
        """Whether some text of these characters alone gets over a node."""
        op, arg = node
        if op in ZERO_WIDTH or op is _constants.GROUPREF:
            return True
        if op in REPEATS and arg[0] == 0:
            return True
        parts = self.parts(node)
        if not parts:
            return bool(self.chars(node) & chars)
        return any(all(self.taken_by(item, chars) for item in part) for part in parts)

    def repeats_in(self, node):
        if self.unbounded(node):
            yield node
        for part in self.parts(node):
            for item in part:
                yield from self.repeats_in(item)

    def anew(self, items):
        guard = self.guarded(items)
        for node, before, rest in self.with_rest(items, [], []):
            if not self.unbounded(node) or all(map(self.certain, rest)):
                continue
            chars = self.chars(node)
            # What starts within the repeat has all that stands before the repeat within it as well.
            if chars and not chars <= guard and all(self.taken_by(item, chars) for item in before):
                self.problems.append(f"anew: the pattern can start again within {self.shown(node)}")

    def with_rest(self, items, before, after):
        for place, node in enumerate(items):
            rest = items[place + 1 :] + after
            yield node, before + items[:place], rest
            for part in self.parts(node):
                yield from self.with_rest(list(part), before + items[:place], rest)
            if node[0] in (_constants.ASSERT, _constants.ASSERT_NOT):
                # What looks ahead gives back all that it took, whether it finds it or not.
                yield from self.with_rest(list(node[1][1]), before + items[:place], [NEVER])

    def guarded(self, items):
        """The characters behind which the pattern cannot start, where it starts with a character of them."""
        while items and items[0][0] is _constants.SUBPATTERN:
            items = [*items[0][1][3], *items[1:]]
        if not items:
            return frozenset()
        op, arg = items[0]
        if op is _constants.ASSERT_NOT and arg[0] < 0 and len(arg[1]) == 1:
            return self.chars(arg[1][0])
        if op is _constants.AT and arg is _constants.AT_BOUNDARY:
            word = frozenset(char for char in SAMPLE if re.fullmatch(r"\w", char, self.flags & re.ASCII))
            return word if self.first(items) <= word else frozenset()
        if op is _constants.AT and arg in (_constants.AT_BEGINNING_STRING, _constants.AT_BEGINNING):
            return SAMPLE - {"\n"} if self.flags & re.MULTILINE and arg is _constants.AT_BEGINNING else SAMPLE
        return frozenset()

    def shown(self, node):
        chars = self.chars(node)
        some = "".join(sorted(chars)[:4])
        return f"a repeat of {len(chars)} characters like {some!r}"


def problems(pattern, flags=0, *, searched=True, whole=False):
    """What may make a pattern slow; nothing where it is linear.

    `searched` says whether it may start anywhere in a text, `whole` whether it has to end where the text does.
    """
    return Judge(pattern, flags, whole=whole).judge(searched=searched)
