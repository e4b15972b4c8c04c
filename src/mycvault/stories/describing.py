"""
The two documents that a deployer of a safe must have, from what this vault really is.

The notice is for those who use it (CPCE, R55-1); the technical file tells for each point of article L103 what answers it (R55-2).
Both state facts and claim no conformity: presenting a service as a digital safe that does not meet the law is punished (C. conso,
L122-22), and only the deployer can know whether it does. Facts are gathered here and put into words by `locales/deployer.py`.
Rule: nothing of a person and no employer's name, and nothing that says where the service lies or opens it: no path, address,
bucket or secret.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from importlib import metadata

import attrs

from mycvault import schema
from mycvault.codes import rules as code_rules
from mycvault.consent import service as consent
from mycvault.crypto import content, otp, tokens
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.errors import Terms
from mycvault.factors import rules as factor_rules
from mycvault.journal.service import FLOOD_WINDOW
from mycvault.legal.profile import LegalProfile
from mycvault.links import rules as link_rules
from mycvault.policy import Policy, Retention
from mycvault.storage.blobs import opening
from mycvault.values.verbs import QUIET, Verb

_PACKAGE = "mycvault"
_AT_ONCE = 100  # employers listed in one look
# Where the service is, what it is called, and a folder of its machine: told to nobody. The law has a table of its own.
_UNTOLD = frozenset({"urls", "letters", "issuer", "legal"})


@attrs.frozen(kw_only=True)
class Choice:
    """How long payslips are kept, and how many employers chose it."""

    years: int
    until_age: int | None
    employers: int


@attrs.frozen(kw_only=True)
class Sizes:
    """What the program fixes: bits of a document's key, a link, an app and a recovery code, *chunk* bytes of a sealed piece."""

    suite: int = content.SUITE
    key_bits: int = 8 * content.KEY_SIZE
    chunk: int = content.CHUNK
    secret_bits: int = 8 * tokens.SECRET_SIZE
    code_digits: int = code_rules.DIGITS
    app_bits: int = 8 * otp.SECRET_SIZE
    recovery_bits: int = 8 * factor_rules.CODE_SIZE
    printed_code: int = link_rules.CODE_LENGTH
    flood_window: dt.timedelta = FLOOD_WINDOW


@attrs.frozen(kw_only=True)
class Service:
    """
    What both documents tell.

    *today*: the civil day of the legal profile's zone. *version*: of this package, None where it is not installed as one. *law*:
    the profile in force today. *terms*: the texts of the current version. *choices*: of the employers that chose; the others
    have the policy's. *employers*: how many there are.
    """

    today: dt.date
    version: str | None
    policy: Policy
    law: LegalProfile
    terms: tuple[Terms, ...]
    choices: tuple[Choice, ...]
    employers: int
    sizes: Sizes = Sizes()


@attrs.frozen(kw_only=True)
class Machinery(Service):
    """
    What the technical file tells besides.

    *schema*: version of the records. *protocol*: of a store that fsspec reaches, else empty. *limits*: every limit by its path in
    the policy. *recorded*, *quiet*: the verbs that write an event, and those that write one when they are refused.
    """

    vault_id: str
    schema: int
    postgres: bool
    blobs: str
    protocol: str
    provider: str
    root_key: str
    limits: tuple[tuple[str, object], ...]
    recorded: tuple[Verb, ...]
    quiet: tuple[Verb, ...]


def information_notice(call: Call) -> str:
    """Write the notice for those who use the service (R55-1); RecordDamaged."""
    return _write("information_notice", _service(call))


def technical_file(call: Call) -> str:
    """Write the technical file (R55-2). KeysUnavailable and WrongKeys from the key provider, RecordDamaged."""
    service = _service(call)
    # The provider may be a KMS: it is asked outside any transaction.
    provider, root_key = call.keys.root()
    blobs, protocol = opening.kind_of(call.blobs)
    with call.look() as look:
        postgres = look.rows.is_postgres
    machinery = Machinery(
        **attrs.asdict(service, recurse=False),
        vault_id=call.keys.vault_id,
        schema=schema.VERSION,
        postgres=postgres,
        blobs=blobs,
        protocol=protocol,
        provider=provider,
        root_key=root_key,
        limits=tuple(_limits(call.policy)),
        recorded=tuple(verb for verb in Verb if verb not in QUIET),
        quiet=tuple(verb for verb in Verb if verb in QUIET),
    )
    return _write("technical_file", machinery)


def _service(call: Call) -> Service:
    with call.look() as look:
        today = directory.today(look)
        terms = tuple(consent.current(look))
    chosen = Counter(_chosen(call))
    own = [(one, count) for one, count in chosen.items() if one is not None]
    return Service(
        today=today,
        version=_version(),
        policy=call.policy,
        law=call.policy.legal.on(today),
        terms=terms,
        choices=tuple(
            Choice(years=one.years, until_age=one.until_age, employers=count)
            for one, count in sorted(own, key=lambda pair: (pair[0].years, pair[0].until_age or 0))
        ),
        employers=chosen.total(),
    )


def _chosen(call: Call) -> Iterator[Retention | None]:
    """List what each employer chose, None where the policy's default applies."""
    after = ""
    while True:
        with call.look() as look:
            page = directory.employers_after(look, after, _AT_ONCE)
        yield from (employer.retention for employer in page)
        if len(page) < _AT_ONCE:
            return
        after = page[-1].id


def _limits(part: attrs.AttrsInstance, path: str = "") -> Iterator[tuple[str, object]]:
    """List the limits of a policy by their paths ("sessions.idle"), in the order they are written down."""
    for field in attrs.fields(type(part)):
        value = getattr(part, field.name)
        if field.name in _UNTOLD:
            continue
        if attrs.has(type(value)):
            yield from _limits(value, f"{path}{field.name}.")
        else:
            yield path + field.name, value


def _version() -> str | None:
    try:
        return metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return None


def _write(document: str, facts: Service) -> str:
    # The template engine is loaded by whoever writes a document, never by a portal that opens a vault.
    from mycvault.locales import deployer

    return deployer.render(document, **attrs.asdict(facts, recurse=False))
