"""
The employer's figures, and her side of the list: by index, filtered as a portal asks.
"""

import datetime as dt

import pytest
from sqlalchemy import create_engine, text

import kit
from mycvault import (
    CourierUnavailable,
    EmployeeStatus,
    InvalidInput,
    LetterRefused,
    MemoryCourier,
)

DAY = dt.timedelta(days=1)
TODAY = kit.START.date()


# ------------------------------------------------------------------ statistics


def test_everybody_is_counted_once(house):
    """By where she stands; what concerns payroll beside it."""
    for number in range(7):
        house.enrolled(f"A-{number}", email=f"p{number}@example.org", phone=None)
    house.acme.invite("A-1")
    house.clock.advance(16 * DAY)
    house.acme.invite("A-2")
    house.acme.invite("A-3")
    house.activated("A-4")
    house.activated("A-5")
    house.acme.record_leaving("A-5", TODAY)
    house.acme.record_leaving("A-6", TODAY + 100 * DAY)
    house.acme.delivery.record_objection("A-6", on=TODAY, means="letter")
    for number in (0, 4, 4):
        house.acme.deposit(f"A-{number}", kit.pdf(), kind="payslip", period="2026-10")
    found = house.acme.statistics()

    assert (found.enrolled, found.invited, found.expired) == (2, 2, 1)
    assert (found.active, found.left) == (1, 1)
    assert (found.on_paper, found.deposits, found.undelivered) == (1, 2, 0)
    for status in EmployeeStatus:
        listed = len(house.acme.employees(status=status))
        assert listed == getattr(found, status.value), status
    other = house.vault.add_employer("Other", reference="other").statistics()
    assert set(vars_of(other).values()) == {0}


def vars_of(value):
    return {
        name: getattr(value, name)
        for name in value.__attrs_attrs__ and [f.name for f in value.__attrs_attrs__]
    }


@pytest.mark.parametrize(
    "query",
    [
        (
            "SELECT count(CASE WHEN left_on <= '2026-10-05' THEN 1 END), count(paper_from), count(undelivered_at), "
            "count(joined_at), count(invited_until) FROM mycvault_employees WHERE employer_id = 'x'"
        ),
        "SELECT count(*) FROM mycvault_documents WHERE employer_id = 'x'",
        (
            "SELECT * FROM mycvault_employees WHERE employer_id = 'x' AND id > 'y' AND undelivered_at IS NOT NULL "
            "ORDER BY id LIMIT 10"
        ),
        (
            "SELECT * FROM mycvault_employees WHERE employer_id = 'x' AND id > 'y' AND paper_from IS NOT NULL "
            "AND paper_from <= '2026-10-05' ORDER BY id LIMIT 10"
        ),
        "SELECT * FROM mycvault_documents WHERE employer_id = 'x' AND id < 'y' ORDER BY id DESC LIMIT 10",
        (
            "SELECT id FROM mycvault_documents WHERE destroyed_at IS NULL AND id > 'y' AND discarded_at <= 1 "
            "ORDER BY id LIMIT 10"
        ),
        (
            "SELECT id FROM mycvault_documents WHERE destroyed_at IS NULL AND id > 'y' AND keep_until < '2026' "
            "ORDER BY id LIMIT 10"
        ),
    ],
)
def test_figures_are_read_by_index(lite, query):
    """No table is walked: the plan names an index, and for counts nothing but the index."""
    engine = create_engine(f"sqlite:///{lite.folder}/records.sqlite3")
    with engine.connect() as connection:
        plan = [row[3] for row in connection.execute(text("EXPLAIN QUERY PLAN " + query))]
    engine.dispose()

    assert any("INDEX" in step or "PRIMARY KEY" in step for step in plan), plan
    assert not any(step.startswith("SCAN") and "INDEX" not in step for step in plan), plan
    if "count(CASE" in query:
        assert any("COVERING INDEX" in step for step in plan), plan


# ------------------------------------------------------------------ whom letters did not reach


class Refusing:
    """A courier that never delivers to some addresses, or to nobody for a while."""

    def __init__(self, *never, down=False):
        self.never = never
        self.down = down

    def send(self, letter):
        if self.down:
            raise CourierUnavailable
        if letter.to in self.never:
            raise LetterRefused


def test_a_refused_invitation_is_listed_until_something_changes(house):
    """A courier that says never; another address or a new invitation takes her off; joining too."""
    for number in range(3):
        house.enrolled(f"A-{number}", email=f"p{number}@example.org", phone=None)
        house.acme.invite(f"A-{number}")
    house.vault.outbox.deliver(Refusing("p0@example.org", "p2@example.org"))
    assert [one.matricule for one in house.acme.undelivered()] == ["A-0", "A-2"]
    assert house.acme.statistics().undelivered == 2
    page = house.acme.undelivered(limit=1)
    assert [one.matricule for one in house.acme.undelivered(after=page.after)] == ["A-2"]

    house.acme.amend("A-0", email="corrected@example.org")
    assert [one.matricule for one in house.acme.undelivered()] == ["A-2"]
    house.activated("A-2")
    assert house.acme.undelivered().items == []


@pytest.mark.parametrize(
    ("outcome", "listed"),
    [
        ("bounced", True),
        ("Failed", True),
        ("undeliverable", True),
        ("delivered", False),
        ("opened", False),
        ("queued", False),
    ],
)
def test_a_host_reports_what_became_of_a_letter(lite, outcome, listed):
    """A bounce lists her; a later delivery takes her off; other words change nothing."""
    lite.enrolled()
    lite.acme.invite("A-0042")
    letter = lite.post()
    lite.vault.outbox.report(letter.id, outcome)
    assert bool(lite.acme.undelivered().items) is listed

    lite.vault.outbox.report(letter.id, "delivered")
    assert lite.acme.undelivered().items == []


def test_a_courier_that_gives_up_lists_her(lite):
    """After two days of trying; a mail server that is down for an hour lists nobody, and a code never does."""
    lite.enrolled()
    lite.acme.invite("A-0042")
    lite.vault.joining.send_code(lite.invited_token())
    down = Refusing(down=True)
    for _ in range(3):
        lite.vault.outbox.deliver(down)
        lite.clock.advance(dt.timedelta(minutes=20))
    assert lite.acme.undelivered().items == []
    for _ in range(20):
        lite.vault.outbox.deliver(down)
        lite.clock.advance(dt.timedelta(hours=7))

    assert [one.matricule for one in lite.acme.undelivered()] == ["A-0042"]


def test_a_bounce_at_her_own_address_is_hers_to_know(lite):
    """Once she joined, what happens to her own mailbox is not told to her employer."""
    lite.joined()
    lite.acme.deposit("A-0042", kit.pdf(), kind="payslip")
    letter = lite.post()
    assert letter.template == "new-document"
    lite.vault.outbox.report(letter.id, "bounced")

    assert lite.acme.undelivered().items == []
    assert lite.acme.statistics().undelivered == 0


# ------------------------------------------------------------------ her side


def test_she_lists_what_she_looks_for(house):
    """By kind, month, year, employer, label, words of the title, together or alone."""
    session = house.joined()
    other = house.vault.add_employer("Other", reference="other")
    deposit = house.acme.deposit
    ids = {
        "oct": deposit("A-0042", kit.pdf(mark="a"), kind="payslip", period="2026-10").document_id,
        "dec": deposit("A-0042", kit.pdf(mark="b"), kind="payslip", period="2025-12").document_id,
        "bonus": deposit(
            "A-0042", kit.pdf(mark="c"), kind="payslip", title="Prime d'été exceptionnelle"
        ).document_id,
        "contract": deposit(
            "A-0042", kit.pdf(mark="d"), kind="contract", title="Contrat CDI"
        ).document_id,
        "note": session.safe.add(b"A note.", title="Été à la mer").id,
    }
    session.safe.label(ids["contract"], "Important")

    def found(**wanted):
        return {
            name
            for name, key in ids.items()
            if key in {d.id for d in session.safe.documents(**wanted)}
        }

    assert found() == set(ids)
    assert found(year=2026) == {"oct", "bonus", "contract", "note"}
    assert found(year=2025) == {"dec"}
    assert found(year=1999) == set()
    assert found(employer="acme") == {"oct", "dec", "bonus", "contract"}
    assert found(employer="other") == found(employer="nobody") == set()
    assert found(text="ete") == {"bonus", "note"}
    assert found(text="ÉTÉ prime") == {"bonus"}
    assert found(text="cdi contrat") == {"contract"}
    assert found(text="absent") == set()
    assert found(text=" ") == set(ids)
    assert found(kind="payslip", year=2026, text="payslip") == {"oct"}
    assert found(label="important", employer="acme") == {"contract"}
    assert {d.id for d in session.safe.payslips(year=2025, employer="acme")} == {ids["dec"]}
    assert session.safe.years() == [2026, 2025]
    assert other.reference == "other"


def test_a_search_reads_on_until_a_page_is_full(lite):
    """Titles are sealed: pages of a search are as full as others, and end where the safe ends."""
    session = lite.joined()
    wanted = []
    for number in range(12):
        title = f"Facture {number}" if number % 3 == 0 else f"Autre {number}"
        document = session.safe.add(b"A note.", title=title)
        wanted += [document.id] if number % 3 == 0 else []
    first = session.safe.documents(text="facture", limit=3)
    second = session.safe.documents(text="facture", limit=3, after=first.after)

    assert [one.id for one in (*first, *second)] == wanted[::-1]
    assert second.after is None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"year": 26}, "year"),
        ({"year": "2026"}, "year"),
        ({"employer": ""}, "employer"),
        ({"text": "x" * 201}, "text"),
        ({"text": 7}, "text"),
        ({"kind": "novel"}, "kind"),
    ],
)
def test_a_filter_that_is_none_is_named(lite, wanted, field):
    """Nothing is guessed."""
    session = lite.joined()
    with pytest.raises(InvalidInput) as refused:
        session.safe.documents(**wanted)

    assert refused.value.field == field


def test_a_document_of_new_years_eve_is_of_the_year_in_paris(lite):
    """Half past eleven in the evening in Greenwich is next year in Paris."""
    session = lite.joined()
    lite.clock.moment = dt.datetime(2026, 12, 31, 22, 30, tzinfo=dt.UTC)
    session = lite.signed_in()
    session.safe.add(b"A note.", title="Old")
    lite.clock.advance(dt.timedelta(hours=1))
    session = lite.signed_in()
    session.safe.add(b"A note.", title="New")

    assert [one.title for one in session.safe.documents(year=2027)] == ["New"]
    assert session.safe.years() == [2027, 2026]


# ------------------------------------------------------------------ who accepted what


def test_a_host_lists_who_accepted_which_text_when(house):
    """Version, language, digest of the very text and moment; in pages, of one version or all; also after an erasure."""
    first = house.vault.publish_terms("1", kit.TERMS, locale="en")
    session = house.joined()
    house.enrolled("A-2", email="two@example.org", phone=None)
    house.clock.advance(DAY)
    other = house.activated("A-2")
    second = house.vault.publish_terms("2", "Nouveau texte.", locale="fr")
    house.clock.advance(DAY)
    again = house.vault.confirm_code(house.asked("two@example.org").challenge, house.code())
    again.accept_terms("2", locale="fr")
    found = list(house.vault.acceptances())

    assert [(one.account_id, one.version, one.locale, one.sha256) for one in found] == [
        (session.account_id, "1", "en", first.sha256),
        (other.account_id, "1", "en", first.sha256),
        (other.account_id, "2", "fr", second.sha256),
    ]
    assert [one.accepted_at for one in found] == [kit.START, kit.START + DAY, kit.START + 2 * DAY]
    assert list(house.vault.acceptances(version="2")) == found[2:]
    assert house.vault.acceptances(version="3").items == []
    page = house.vault.acceptances(limit=2)
    assert [*page, *house.vault.acceptances(after=page.after, limit=2)] == found
    again.security.erase_account()
    assert list(house.vault.acceptances()) == found
    with pytest.raises(InvalidInput):
        house.vault.acceptances(limit=0)


def test_nobody_is_written_to_by_looking(lite):
    """Figures and lists queue no letter."""
    lite.enrolled()
    lite.acme.statistics()
    lite.acme.undelivered()
    lite.vault.acceptances()
    courier = MemoryCourier()
    lite.vault.outbox.deliver(courier)

    assert courier.letters == []
