"""The letters' door: a host's worker calls it, every minute or in a loop."""

import datetime as dt
import threading
from contextlib import AbstractContextManager

from mycvault.desk import Call, Desk
from mycvault.ports import Courier
from mycvault.stories import posting
from mycvault.stories.posting import PostReport
from mycvault.values.actors import ANYONE, OPERATOR
from mycvault.values.caller import Caller
from mycvault.values.verbs import Verb


class Outbox:
    """
    The door of `Vault.outbox`.

    Codes leave before everything else; a letter is sent at least once; one whose link or code is dead is never sent.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pending(self, *, due: bool = True) -> int:
        """Count the letters that wait; with *due*, only those whose time has come."""
        with self._desk.call(Verb.DELIVER_LETTERS, by=OPERATOR) as call:
            return posting.pending(call, due=due)

    def deliver(
        self, courier: Courier, *, limit: int = 100, urgent_only: bool = False
    ) -> PostReport:
        """
        Hand up to *limit* due letters to *courier*; several workers may do so at once.

        What was asked of an identifier (`Recovery.request`, `remind`, `Joining.request_new_link`) is answered here, uncounted.

        What the courier raises besides `CourierUnavailable` and `LetterRefused` puts the letter off and passes through.

        Raises:
            SetupError: A letter's template is missing or faulty.
        """
        # Templates are a worker's business: a portal that only queues letters never loads them.
        from mycvault.outbox.letters import Letters

        letters, run = Letters(self._desk.policy.letters), posting.Tally()
        more = True
        while more and max(run.handled, run.answered) < limit:
            # A call a letter: a slow courier must not carry what died or expired meanwhile.
            with self._desk.call(Verb.DELIVER_LETTERS, by=OPERATOR) as call:
                more = posting.deliver_next(
                    call,
                    courier,
                    letters,
                    run,
                    urgent_only=urgent_only,
                    on_behalf=self._on_behalf,
                )
        with self._desk.call(Verb.DELIVER_LETTERS, by=OPERATOR) as call:
            return posting.finish(call, run)

    def run(
        self,
        courier: Courier,
        *,
        stop: threading.Event,
        every: dt.timedelta = dt.timedelta(seconds=5),
    ) -> None:
        """Deliver in a loop until *stop* is set, waiting *every* when nothing is due."""
        while not stop.is_set():
            if not self.deliver(courier).sent:
                stop.wait(every.total_seconds())

    def report(self, letter_id: str, outcome: str) -> None:
        """Write down a bounce or a delivery receipt, one word of at most 64 characters; InvalidInput."""
        with self._desk.call(Verb.REPORT_LETTER, by=OPERATOR) as call:
            posting.report(call, letter_id, outcome)

    def _on_behalf(self, verb: Verb, caller: Caller) -> AbstractContextManager[Call]:
        return self._desk.call(verb, by=ANYONE, caller=caller)
