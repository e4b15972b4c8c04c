"""The closed lists of the contract: kinds, channels, states. Their texts for people live in `locales/`."""

from enum import Enum, StrEnum


class Kind(StrEnum):
    """What a document is; it decides the law that applies to it."""

    PAYSLIP = "payslip"
    CONTRACT = "contract"
    AMENDMENT = "amendment"
    CERTIFICATE = "certificate"
    TAX = "tax"
    EXPENSES = "expenses"
    PERSONAL = "personal"
    OTHER = "other"


class Channel(StrEnum):
    """The way a code or a letter takes."""

    EMAIL = "email"
    SMS = "sms"
    APP = "app"
    RECOVERY = "recovery"
    LETTER = "letter"


class Assurance(Enum):
    """
    How sure a session is that it is she.

    A code by SMS or e-mail makes two steps, not two factors (NIST SP 800-63B-4, 3.1.3; CNIL 2025-019).
    """

    PASSWORD = 1
    TWO_STEP = 2
    MULTI_FACTOR = 3


class SecondFactor(StrEnum):
    """When a sign-in asks for a code after the password."""

    ALWAYS = "always"
    WHEN_AVAILABLE = "when-available"
    NEVER = "never"


class Need(StrEnum):
    """What a step still asks of her."""

    PASSWORD = "password"  # noqa: S105 - the name of a form field
    IDENTITY = "identity"
    BIRTH_DATE = "birth-date"
    TERMS = "terms"
    ACTIVATION_CODE = "activation-code"
    CODE = "code"


class EmployeeStatus(StrEnum):
    """Where an employee stands, seen from her employer."""

    ENROLLED = "enrolled"
    INVITED = "invited"
    EXPIRED = "expired"
    ACTIVE = "active"
    LEFT = "left"


class DeliveryMode(StrEnum):
    """How she receives payslips from one employer (Labour Code, L3243-2)."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class Alert(StrEnum):
    """What she is told at every address she proved, because somebody else may have done it."""

    NEW_DEVICE = "new-device"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - what happened
    RECOVERY_ASKED = "recovery-asked"
    RECOVERED = "recovered"
    APP_ADDED = "app-added"
    APP_REMOVED = "app-removed"
    RECOVERY_CODES_RENEWED = "recovery-codes-renewed"
    RECOVERY_CODE_USED = "recovery-code-used"
    EMAIL_ADDED = "email-added"
    EMAIL_PROVED = "email-proved"
    EMAIL_REMOVED = "email-removed"
    EMAIL_CONTESTED = "email-contested"
    PHONE_CHANGED = "phone-changed"
    EMPLOYER_JOINED = "employer-joined"
    RESET_ASKED = "reset-asked"
    RESET_DONE = "reset-done"
    NUMBER_ASKED = "number-asked"
    NUMBER_DONE = "number-done"
    SUPPORT_STOPPED = "support-stopped"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    DETACHED = "detached"
