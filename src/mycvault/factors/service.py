"""Her app and her recovery codes, within a look or an act; stories ask for a fresh session before what changes them."""

import datetime as dt
import hmac

from mycvault.act import Act, Look
from mycvault.crypto import otp
from mycvault.errors import CodeExpired, CodeRefused, RecordDamaged
from mycvault.factors import records, rules
from mycvault.factors.enrolment import AppEnrolment
from mycvault.factors.model import Answer, App, Factors, RecoveryCode
from mycvault.keys.model import Use
from mycvault.storage.rows import Rows
from mycvault.values.choices import Channel
from mycvault.values.secret import Secret

_STEP = dt.timedelta(seconds=otp.STEP_SECONDS)


def held(look: Look, account_id: str) -> Factors:
    """Tell what she has, nobody's key being asked for; RecordDamaged when there is more than she could have."""
    apps = records.glance_apps(look.rows, account_id)
    since = [row["confirmed_at"] for row in apps if row["confirmed_at"] is not None]
    codes = records.codes_of(look.rows, account_id)
    if len(since) > 1 or len(codes) > rules.CODES:
        # Rows that were deleted once came back beside those in their place.
        raise RecordDamaged
    left = sum(code.used_at is None for code in codes)
    return Factors(app_since=since[0] if since else None, codes_left=left)


def enrol(act: Act, account_id: str, *, session: str) -> App:
    """Begin to enrol an app, in place of any that is pending; one that is confirmed stays until the new one is."""
    records.forget_pending(act.rows, account_id)
    app = App(
        id=act.new_id(),
        account_id=account_id,
        session=session,
        secret=act.entropy.bytes(otp.SECRET_SIZE),
        created_at=act.now,
        confirmed_at=None,
        newest_step=None,
    )
    records.add_app(act.rows, app)
    act.record(account_id, app=app.id)
    return app


def pending(look: Look, account_id: str, *, session: str) -> App | None:
    """Find the app that *session* began to enrol and may still confirm."""
    lifetime = look.policy.codes.app_lifetime
    for app in reversed(records.apps_of(look.rows, account_id)):
        if rules.is_waiting(app, session=session, lifetime=lifetime, now=look.now):
            return app
    return None


def shown(app: App, *, issuer: str, account: str) -> AppEnrolment:
    """Say what a page shows of an app that is pending."""
    uri = otp.uri(app.secret, issuer=issuer, account=account)
    return AppEnrolment(secret=Secret(otp.written(app.secret)), uri=Secret(uri))


def match_app(look: Look, app: App, digits: str, *, tries_left: int) -> Answer:
    """Judge the digits of an app's code. CodeRefused."""
    current = rules.step_of(look.now, length=_STEP)
    matched = otp.matching(app.secret, digits, rules.steps_around(current))
    step = rules.accept_step(
        matched, newest_used=app.newest_step, current=current, tries_left=tries_left
    )
    return Answer(channel=Channel.APP, row=app.id, step=step, tries_left=tries_left)


def match(look: Look, account_id: str, typed: str, digits: str, *, tries_left: int) -> Answer:
    """Judge what was typed in place of a code that was sent: a recovery code by its form, else her app's. CodeRefused."""
    code = rules.read_code(typed)
    if code is not None:
        return _match_code(look, account_id, code, tries_left=tries_left)
    for app in records.apps_of(look.rows, account_id):
        if app.confirmed_at is not None:
            return match_app(look, app, digits, tries_left=tries_left)
    raise CodeRefused(tries_left)


def confirm(act: Act, account_id: str, answer: Answer) -> None:
    """Make a pending app hers, in place of every other; CodeExpired when another call was first."""
    assert answer.step is not None
    if not records.confirm(act.rows, answer.row, now=act.now, step=answer.step):
        raise CodeExpired
    records.forget_others(act.rows, account_id, answer.row)
    act.record(account_id, app=answer.row)


def use(act: Act, account_id: str, answer: Answer) -> None:
    """Use what was typed, once; CodeRefused when another call was first."""
    if answer.channel is Channel.RECOVERY:
        used = records.use_code(act.rows, answer.row, act.now)
    else:
        used = _use_step(act, account_id, answer)
    if not used:
        raise CodeRefused(answer.tries_left)


def renew_codes(act: Act, account_id: str) -> list[str]:
    """Make ten recovery codes in place of those she had; they are given once."""
    records.forget_codes(act.rows, account_id)
    written, codes = [], []
    for _ in range(rules.CODES):
        code_id, text = act.new_id(), rules.write_code(act.entropy.bytes(rules.CODE_SIZE))
        plain = rules.read_code(text)
        assert plain is not None
        proof = _proof(act.rows, code_id, account_id, plain)
        codes.append(RecoveryCode(id=code_id, account_id=account_id, proof=proof, used_at=None))
        written.append(text)
    records.add_codes(act.rows, codes)
    act.record(account_id)
    return written


def forget(act: Act, account_id: str) -> None:
    """Forget an account's app, what is pending, and its recovery codes; its *strongest* is the caller's to set."""
    records.forget_apps(act.rows, account_id)
    records.forget_codes(act.rows, account_id)


def _match_code(look: Look, account_id: str, code: str, *, tries_left: int) -> Answer:
    found = None
    for one in records.codes_of(look.rows, account_id):
        proof = _proof(look.rows, one.id, account_id, code)
        if hmac.compare_digest(proof, one.proof) and one.used_at is None:
            found = one
    if found is None:
        raise CodeRefused(tries_left)
    return Answer(channel=Channel.RECOVERY, row=found.id, step=None, tries_left=tries_left)


def _use_step(act: Act, account_id: str, answer: Answer) -> bool:
    for row in records.glance_apps(act.rows, account_id):
        if row["id"] == answer.row and row["confirmed_at"] is not None:
            assert answer.step is not None
            newest = row["newest_step"]
            return rules.is_newer(answer.step, newest) and records.use_step(
                act.rows, answer.row, answer.step, newest_used=newest
            )
    return False


def _proof(rows: Rows, code_id: str, account_id: str, code: str) -> bytes:
    return rows.ring.key(Use.CODES).mac(("recovery", code_id, account_id, code))
