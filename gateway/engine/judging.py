"""All rules over a stretch: from reports to observations of slots.

Most answers change nothing: compliance where nothing is open. Only what violates, and what answers
a slot that is not at rest, goes on; so a quiet batch costs the rules and little else.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gateway.columns import ABSENT
from gateway.engine.episode import NO_ROW, SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.memory import DOUBTS, Records, RuleMemory
from gateway.engine.observed import Answers, Observed, need_of, observed
from gateway.engine.placing.grounds import grounds_of
from gateway.engine.placing.pairs import Pairs
from gateway.engine.placing.placement import Placement
from gateway.engine.placing.question import PLACED_RULES, Question
from gateway.engine.rule import Rule
from gateway.engine.rules.leave_overdue import LEAVE_OVERDUE
from gateway.engine.stretch import Stretch, Table
from gateway.engine.stretches import Stretches
from gateway.engine.wearers import KINDS, Wearers
from geofence.arrays import Int8Array, IntArray

_MS_PER_S: Final = 1_000


class Judging:
    """The rules, with where they keep what they remember."""

    def __init__(
        self,
        rules: Sequence[Rule],
        wearers: Wearers,
        book: EpisodeBook,
        memory: RuleMemory,
        stretches: Stretches,
    ) -> None:
        """Judge by `rules`; memory is read and written, slots are made in `book`."""
        self._judges = [(rule, rule.judge) for rule in rules if rule.judge is not None]
        self._wearers = wearers
        self._book = book
        self._memory = memory
        self._stretches = stretches
        self._asked_of = {
            rule.name: np.array([kind in rule.kinds for kind in KINDS]) for rule in rules
        }
        self._kinds_of = {
            name: frozenset(asked.nonzero()[0].tolist()) for name, asked in self._asked_of.items()
        }
        self._slot_of = np.full((64, len(self._judges)), NO_ROW, np.int32)
        self._has_slot = np.zeros(64, np.int64)  # a bit of each judge, 63 at most
        self._not_asked: dict[frozenset[int], frozenset[int]] = {}
        self._row_of_rule = {rule.name: row for row, (rule, _) in enumerate(self._judges)}
        self._rules = list(rules)
        self._code = {rule.name: code for code, rule in enumerate(rules)}

    def use(self, placement: Placement) -> None:
        """Decide the place rules by `placement` from now on."""
        self._placement = placement
        self._rule_of_question = np.empty(0, np.int64)
        self._slot_of_question = np.empty(0, np.int64)
        self._is_shared = np.empty(0, np.bool_)
        self._take_questions()
        for slot, key in enumerate(self._book.keys):
            asked = placement.find(Question(key.rule, key.subject, key.target))
            if asked is not None:
                self._note_slot(asked, slot)

    def grow(self, size: int) -> None:
        """Make room for `size` wearers at least."""
        held = len(self._slot_of)
        if size > held:
            more = (max(size, 2 * held) - held, len(self._judges))
            self._slot_of = np.concatenate([self._slot_of, np.full(more, NO_ROW, np.int32)])
            self._has_slot = np.concatenate([self._has_slot, np.zeros(more[0], np.int64)])

    def remember_slots(self) -> None:
        """Read which slots there are from the book, after it was loaded."""
        self.grow(len(self._wearers))
        self._slot_of[:] = NO_ROW
        self._has_slot[:] = 0
        for slot, key in enumerate(self._book.keys):
            row = self._row_of_rule.get(key.rule)
            if row is not None:
                self._note_own(self._book.owner(slot), row, slot)

    def observe(self, stretch: Stretch) -> Observed:
        """Return what a stretch says; the rules remember it."""
        records = stretch.records
        if records is None:
            raise ValueError("a stretch without records cannot be judged; make it by Stretches.of")
        has_slots = int(np.bitwise_or.reduce(self._has_slot.take(stretch.wearer), initial=0))
        elsewhere = self._judges_not_asked(stretch)
        answers, facts = [], {}
        for number, (rule, judge) in enumerate(self._judges):
            before = self._memory.of(rule.name, records)
            memory = before.copy()
            judged = judge(stretch, memory)
            decision = judged.decision
            if number in elsewhere:
                decision = self._of_kind(rule, stretch, decision)
            violates = np.count_nonzero(decision > 0) > 0
            if violates or has_slots >> number & 1:
                found = self._answers(number, stretch, decision)
                if found is not None:
                    answers.append(found)
                    facts[rule.name] = judged.told() if violates else {}
            self._memory.keep(rule.name, records, memory, before)
        placed = self._placed(stretch, self._pairs(stretch, records))
        if placed is not None:
            answers.append(placed)
        self._memory.saw(stretch, records)
        self._memory.put(stretch.wearer, records)
        return observed(stretch, answers, facts)

    def placed(self, wearer: int, rows: Table, key: SlotKey) -> dict[int, tuple[int, int]]:
        """Return (distance_mm, violation_ppm) of a slot's own question, by row.

        Args:
            wearer: Whose reports.
            rows: ROW_COLUMNS in order of fix time.
            key: The slot.
        """
        asked = Question(key.rule, key.subject, key.target)
        stretch = self._stretches.of(np.array([wearer]), np.zeros(len(rows["seq"]), np.int64), rows)
        person = self._stretches.persons(stretch.wearer)
        pairs = self._placement.measured(stretch, person, asked)
        found = zip(
            pairs.row.tolist(),
            pairs.distance_mm.tolist(),
            pairs.violation_ppm.tolist(),
            strict=True,
        )
        return {row: (distance_mm, ppm) for row, distance_mm, ppm in found if distance_mm != ABSENT}

    def grounds_of(
        self,
        asked: Question,
        begin_ms: int,
        parameters: Mapping[str, int | float],
        reports: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Return what an alert's record says of the ground of a place rule, else nothing."""
        if asked.rule not in PLACED_RULES:
            return {}
        return grounds_of(self._placement, asked, begin_ms, parameters=parameters, reports=reports)

    def _judges_not_asked(self, stretch: Stretch) -> frozenset[int]:
        """Return the judges who are not asked of every kind of device in a stretch."""
        of_kind = np.bincount(self._wearers.kind.take(stretch.wearer))
        kinds = frozenset(of_kind.nonzero()[0].tolist())
        found = self._not_asked.get(kinds)
        if found is None:
            asked = [self._kinds_of[rule.name] for rule, _ in self._judges]
            found = frozenset(number for number, mine in enumerate(asked) if not kinds <= mine)
            self._not_asked[kinds] = found
        return found

    def _of_kind(self, rule: Rule, stretch: Stretch, decision: Int8Array) -> Int8Array:
        """Return the decisions of the kinds of device that a rule is asked of, 0 for the others."""
        mine = stretch.by_row(self._asked_of[rule.name][self._wearers.kind[stretch.wearer]])
        return np.where(mine, decision, np.int8(0))

    def _answers(self, number: int, stretch: Stretch, decision: Int8Array) -> Answers | None:
        rule, violated = self._judges[number][0], np.flatnonzero(decision > 0)
        slots = self._slot_of[stretch.wearer, number].astype(np.int64)
        known = np.flatnonzero(slots >= 0)
        if not len(known) and not len(violated):
            return None
        stirs = np.zeros(len(slots), np.bool_)
        stirs[known] = self._book.streaks.stir(slots[known])
        stirs[stretch.group[violated]] = True
        row = np.flatnonzero(stretch.by_row(stirs) & (decision != 0))
        if not len(row):
            return None
        slot = slots[stretch.group[row]]
        for group in np.unique(stretch.group[row[slot < 0]]).tolist():
            wearer = int(stretch.wearer[group])
            one = self._wearers.rows[wearer]
            key = SlotKey(rule.name, one.subject, one.device, "")
            slots[group] = self._note_own(wearer, number, self._book.slot(key, wearer))
        slot = slots[stretch.group[row]]
        return Answers(row, slot, decision[row], need_of(rule, stretch, row))

    def _note_own(self, wearer: int, number: int, slot: int) -> int:
        """Note the slot of a judge and a wearer; return it."""
        self._slot_of[wearer, number] = slot
        self._has_slot[wearer] |= 1 << number
        return slot

    def _placed(self, stretch: Stretch, pairs: Pairs) -> Answers | None:
        if not len(pairs.row):
            return None
        wearer = stretch.by_row(stretch.wearer).take(pairs.row)
        slot = self._placed_slots(pairs.question, wearer)
        stirs = slot >= 0
        stirs[stirs] = self._book.streaks.stir(slot[stirs])
        hot = stirs
        violations = (pairs.decision > 0).nonzero()[0]
        if len(violations):
            violated = np.zeros(len(self._is_shared), np.bool_)
            violated[pairs.question[violations]] = True
            hot = stirs | violated[pairs.question]
        hot = (hot & (pairs.decision != 0)).nonzero()[0]
        if not len(hot):
            return None
        question, wearer, slot = pairs.question[hot], wearer[hot], slot[hot]
        new = np.flatnonzero(slot < 0)
        pairs_of, inverse = np.unique(
            np.stack([question[new], wearer[new]]), axis=1, return_inverse=True
        )
        slot[new] = self._make_slots(pairs_of.T.tolist())[inverse]
        row = pairs.row[hot]
        need = np.empty((4, len(hot)), np.int64)
        codes = self._rule_of_question[question]
        for code in np.unique(codes).tolist():
            mine = codes == code
            need[:, mine] = need_of(self._rules[code], stretch, row[mine])
        return Answers(row, slot, pairs.decision[hot], need)

    def _pairs(self, stretch: Stretch, records: Records) -> Pairs:
        memory = self._memory.of(LEAVE_OVERDUE.name, records)
        doubts = self._memory.of(DOUBTS, records)
        person = self._stretches.persons(stretch.wearer)
        pairs = self._placement.pairs(stretch, person, memory, doubts)
        self._memory.keep(LEAVE_OVERDUE.name, records, memory)
        self._memory.keep(DOUBTS, records, doubts)
        self._take_questions()
        return pairs

    def _take_questions(self) -> None:
        """Make room for questions that are new since the last call."""
        held, questions = len(self._rule_of_question), self._placement.questions
        if held < len(questions):
            new = [self._code[asked.rule] for asked in questions[held:]]
            fresh = np.full(len(new), NO_ROW)
            self._rule_of_question = np.append(self._rule_of_question, np.array(new, np.int64))
            self._slot_of_question = np.append(self._slot_of_question, fresh)
            self._is_shared = np.append(self._is_shared, fresh != NO_ROW)

    def _placed_slots(self, question: IntArray, wearer: IntArray) -> IntArray:
        slot = self._slot_of_question.take(question)
        known = (slot != NO_ROW).nonzero()[0]
        if not len(known):
            return slot
        slot[known[self._book.streaks.owner[slot[known]] != wearer[known]]] = NO_ROW
        for at in np.flatnonzero(self._is_shared[question]).tolist():
            found = self._book.find(self._key(int(question[at]), int(wearer[at])))
            slot[at] = NO_ROW if found is None else found
        return slot

    def _make_slots(self, pairs: Sequence[tuple[int, int]]) -> IntArray:
        """Return the slots of (question, wearer) pairs.

        They are made in the order of what they are about: numbers of questions are another's after
        a restart, and outcomes come in the order of their slots.
        """
        made = np.empty(len(pairs), np.int64)
        about = {at: self._key(*pair) for at, pair in enumerate(pairs)}
        for at in sorted(about, key=lambda at: (pairs[at][1], about[at].rule, about[at].target)):
            question, wearer = pairs[at]
            made[at] = self._book.slot(about[at], wearer)
            self._note_slot(question, int(made[at]))
        return made

    def _note_slot(self, question: int, slot: int) -> None:
        # Two devices of one person ask the same question: each has a slot of its own.
        known = self._slot_of_question[question]
        self._is_shared[question] |= known not in (NO_ROW, slot)
        self._slot_of_question[question] = slot

    def _key(self, question: int, wearer: int) -> SlotKey:
        one, asked = self._wearers.rows[wearer], self._placement.questions[question]
        return SlotKey(asked.rule, one.subject, one.device, asked.target)
