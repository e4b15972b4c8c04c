"""Every verb of the public doors, by the name the journal knows it under; its text for people is in `locales/*/events.toml`."""

from enum import StrEnum


class Verb(StrEnum):
    """What a call does."""

    # the deployer
    ADD_EMPLOYER = "add-employer"
    AMEND_EMPLOYER = "amend-employer"
    FIND_EMPLOYER = "find-employer"
    PUBLISH_TERMS = "publish-terms"
    READ_TERMS = "read-terms"
    DELIVER_LETTERS = "deliver-letters"
    REPORT_LETTER = "report-letter"
    LIST_ACCEPTANCES = "list-acceptances"
    HOLD = "hold"
    RELEASE = "release"
    PURGE = "purge"
    ERASE_AGAIN = "erase-again"
    ROTATE_KEYS = "rotate-keys"
    SWEEP = "sweep"
    CHECK_VAULT = "check-vault"
    COMPACT = "compact"
    OPEN_EVIDENCE = "open-evidence"
    ANNOUNCE_CLOSURE = "announce-closure"
    DESCRIBE = "describe"
    RESET_SECOND_FACTOR = "reset-second-factor"
    CORRECT_PHONE = "correct-phone"
    CORRECT_EMAIL = "correct-email"
    DISABLE_ACCOUNT = "disable-account"
    ENABLE_ACCOUNT = "enable-account"
    DETACH = "detach"

    # the employer
    ENROL = "enrol"
    SYNC = "sync"
    AMEND = "amend"
    RECORD_LEAVING = "record-leaving"
    LOOK_UP_EMPLOYEE = "look-up-employee"
    INVITE = "invite"
    REVOKE_INVITATION = "revoke-invitation"
    ADOPT = "adopt"
    REMIND_INVITED = "remind-invited"
    DEPOSIT = "deposit"
    LIST_DEPOSITS = "list-deposits"
    JUDGE_DEPOSIT = "judge-deposit"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    COUNT = "count"
    RECORD_NOTICE = "record-notice"
    RECORD_OBJECTION = "record-objection"
    RECORD_RETURN = "record-return"
    SEND_REFUSAL_LINK = "send-refusal-link"
    LOOK_UP_DELIVERY = "look-up-delivery"

    # arriving
    LOOK_UP_LINK = "look-up-link"
    SEND_CODE = "send-code"
    ACTIVATE = "activate"
    JOIN_EXISTING = "join-existing"
    CONFIRM_ADDRESS = "confirm-address"
    CONTEST_ADDRESS = "contest-address"
    RENEW_LINK = "renew-link"
    REQUEST_NEW_LINK = "request-new-link"
    LOOK_UP_REFUSAL = "look-up-refusal"
    REFUSE_ELECTRONIC = "refuse-electronic"
    RETURN_TO_ELECTRONIC = "return-to-electronic"

    # signing in
    SIGN_IN = "sign-in"
    LOOK_UP_CODE = "look-up-code"
    RESEND_CODE = "resend-code"
    CONFIRM_CODE = "confirm-code"
    RESUME = "resume"
    END_SESSION = "end-session"
    ACCEPT_TERMS = "accept-terms"
    RECONFIRM = "reconfirm"
    FINISH_RECONFIRM = "finish-reconfirm"
    ADD_EMAIL = "add-email"
    REMOVE_EMAIL = "remove-email"
    CHANGE_PHONE = "change-phone"
    CONFIRM_PHONE = "confirm-phone"
    REVIEW_SECURITY = "review-security"
    ENROL_APP = "enrol-app"
    LOOK_UP_APP = "look-up-app"
    CONFIRM_APP = "confirm-app"
    REMOVE_APP = "remove-app"
    RENEW_RECOVERY_CODES = "renew-recovery-codes"
    CHANGE_PASSWORD = "change-password"  # noqa: S105 - the name of a verb
    LIST_SESSIONS = "list-sessions"
    END_OTHER_SESSIONS = "end-other-sessions"
    ERASE_ACCOUNT = "erase-account"

    # a forgotten password
    REQUEST_RECOVERY = "request-recovery"
    REMIND_IDENTIFIER = "remind-identifier"
    LOOK_UP_RECOVERY = "look-up-recovery"
    SEND_RECOVERY_CODE = "send-recovery-code"
    RECOVER = "recover"

    # the safe
    LIST = "list"
    OPEN = "open"
    CHECK = "check"
    ADD = "add"
    RENAME = "rename"
    LABEL = "label"
    UNLABEL = "unlabel"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    DISCARD = "discard"
    RESTORE = "restore"
    DESTROY = "destroy"
    EXPORT = "export"
    READ_HISTORY = "read-history"


# Looking changes nothing and says nothing new about anybody: no event is written for it. Refusals of these verbs are.
QUIET = frozenset(
    {
        Verb.FIND_EMPLOYER,
        Verb.READ_TERMS,
        Verb.LOOK_UP_EMPLOYEE,
        Verb.LIST_ACCEPTANCES,
        Verb.LIST_DEPOSITS,
        Verb.JUDGE_DEPOSIT,
        Verb.SPLIT,
        Verb.COUNT,
        Verb.LOOK_UP_DELIVERY,
        Verb.LOOK_UP_REFUSAL,
        Verb.DESCRIBE,
        Verb.LOOK_UP_LINK,
        Verb.LOOK_UP_CODE,
        Verb.LOOK_UP_RECOVERY,
        Verb.RESUME,
        Verb.REVIEW_SECURITY,
        Verb.LOOK_UP_APP,
        Verb.LIST_SESSIONS,
        Verb.LIST,
        Verb.READ_HISTORY,
        Verb.DELIVER_LETTERS,
    }
)
