"""
The step after a password, by her app, a code that is sent or a recovery code: the request, and the judging of what she typed.

Signing in, confirming and recovering take the same step, each with challenges of its own purpose. A try is counted before it is
judged; what was judged is used in the act it allows. Once she has an app nothing that is sent takes its place, only a recovery
code, which every request of hers takes.
"""

from collections.abc import Mapping

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import Account
from mycvault.act import Act, Look
from mycvault.codes import rules as code_rules
from mycvault.codes import service as codes
from mycvault.codes.model import Challenge, CodePurpose, CodeRequired
from mycvault.desk import Call
from mycvault.errors import CodeExpired
from mycvault.factors import rules as factor_rules
from mycvault.factors import service as factors
from mycvault.factors.model import Answer
from mycvault.outbox import drafts
from mycvault.stories.alerting import alert
from mycvault.values.caller import Caller
from mycvault.values.choices import Alert, Assurance, Channel, SecondFactor

_LETTERS = {
    CodePurpose.SIGN_IN: "sign-in-code",
    CodePurpose.RECONFIRM: "confirm-code",
    CodePurpose.RECOVERY: "recovery-code",
}


@attrs.frozen(kw_only=True)
class Steps:
    """Whose step it is, and the ways she has to take it, with the address each leads to; an app and recovery codes have none."""

    owner: Account
    ways: Mapping[Channel, str] = attrs.field(repr=False)

    def first(self, asked: SecondFactor) -> Channel | None:
        """Choose the way that is taken unless she asks for another; None when there is none."""
        return code_rules.second_step(asked, frozenset(self.ways))

    def besides(self, way: Channel) -> frozenset[Channel]:
        """Tell the ways she may ask for instead: all of hers, for `ways` holds none that is weaker than her app."""
        return frozenset(self.ways) - {way}


@attrs.frozen(kw_only=True)
class Passed:
    """
    A step that was taken right, to be used in the act it allows; how sure it makes that it is she.

    *answer*: her app's code or a recovery code, where it was not one that was sent.
    """

    challenge: Challenge
    assurance: Assurance
    answer: Answer | None = None


def steps(look: Look, account_id: str) -> Steps:
    """Find the ways the holder of an account has to take the step, and name her as the one concerned. RecordDamaged."""
    look.concerns(account_id)
    owner = accounts.account(look, account_id)
    held = factors.held(look, account_id)
    reached = accounts.ways(look, owner, app=held.app_since is not None)
    return Steps(owner=owner, ways=factor_rules.ways(reached, held))


def ask(
    act: Act,
    steps: Steps,
    purpose: CodePurpose,
    way: Channel,
    *,
    again: bool = False,
    session: str | None = None,
    caller: Caller | None = None,
) -> CodeRequired:
    """
    Ask for a code, and send it where it is not in her hands.

    *again*: she asked for another one. *session*: the one that asked; *caller*: from where.

    Raises:
        TooManyAttempts: Ten of the last 24 hours stand unanswered, or, asked *again*, the last one sent is too young.
    """
    owner = steps.owner
    if not code_rules.is_sent(way):
        challenge, token = codes.wait_for(
            act, purpose, subject=owner.id, channel=way, again=again, session=session, caller=caller
        )
        act.record(owner.id, about=challenge.id, channel=way)
        return shown(act, steps, challenge, token.reveal())
    sent = codes.send(
        act,
        purpose,
        subject=owner.id,
        channel=way,
        address=steps.ways[way],
        again=again,
        session=session,
        caller=caller,
    )
    act.record(owner.id, about=sent.challenge.id, channel=way)
    act.tell(
        drafts.code(
            _LETTERS[purpose],
            accounts.recipient(owner, steps.ways[way], way),
            sent.code,
            lifetime=act.policy.codes.lifetime,
            expires_at=sent.challenge.expires_at,
        )
    )
    return shown(act, steps, sent.challenge, sent.token.reveal())


def shown(look: Look, steps: Steps, challenge: Challenge, token: str) -> CodeRequired:
    """Say what a code page shows of a request; only a sign-in offers another way."""
    signs_in = challenge.purpose is CodePurpose.SIGN_IN
    others = steps.besides(challenge.channel) if signs_in else frozenset[Channel]()
    return codes.required(challenge, token, look, alternatives=others)


def judge(call: Call, challenge: Challenge, typed: str, *others: Challenge) -> Passed:
    """
    Count a try, then judge what was typed: a recovery code by its form, else the code that was asked for.

    *others*: of the same purpose and way, as good.

    Raises:
        CodeExpired: It was asked by a way that is none of hers any more, an SMS before she had an app; not counted.
        CodeRefused: Not the code.
        TooManyAttempts: Five tries within the hour, whichever way.
    """
    with call.look() as look:
        if challenge.channel not in steps(look, challenge.subject).ways:
            raise CodeExpired
    with call.attempt() as attempt:
        left = codes.count_try(attempt, challenge.subject, challenge.purpose)
    with call.look() as look:
        if code_rules.is_sent(challenge.channel) and not factor_rules.read_code(typed):
            answered = codes.match(look, [challenge, *others], typed, tries_left=left)
            return Passed(challenge=answered, assurance=Assurance.TWO_STEP)
        answer = factors.match(
            look, challenge.subject, typed, code_rules.typed(typed), tries_left=left
        )
    is_factor = answer.channel is Channel.APP
    assurance = Assurance.MULTI_FACTOR if is_factor else Assurance.TWO_STEP
    return Passed(challenge=challenge, assurance=assurance, answer=answer)


def take(act: Act, passed: Passed) -> Assurance:
    """Use a step, once, and tell her of a recovery code; CodeExpired or CodeRefused when another call was first."""
    subject = passed.challenge.subject
    codes.use(act, passed.challenge)
    if passed.answer is not None:
        factors.use(act, subject, passed.answer)
        if passed.answer.channel is Channel.RECOVERY:
            alert(act, subject, Alert.RECOVERY_CODE_USED)
    return passed.assurance
