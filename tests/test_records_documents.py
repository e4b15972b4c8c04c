"""The catalogue's rows: one reference at an employer, lists by safe, labels of one account."""

import datetime as dt

import attrs
import pytest

from attack_kit import rig_at
from mycvault.documents import marks, records
from mycvault.documents.model import DocumentRecord, Filter
from mycvault.values.choices import Kind
from mycvault.values.period import Period

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        rig.acme = rig.employer()
        rig.safe = rig.person(rig.acme)[1]
        yield rig


def document(rig, reference=None, **other):
    values = {
        "id": rig.new_id(),
        "safe_id": rig.safe,
        "employer_id": rig.acme,
        "kind": Kind.PAYSLIP,
        "period": Period("2026-10"),
        "title": "Title",
        "reference": reference,
        "media_type": "application/pdf",
        "size": 5 << 32,
        "sha256": "0" * 64,
        "deposited_at": rig.now,
    }
    return DocumentRecord(**values | other)


def add(rig, *made):
    with rig.rows() as rows:
        return [records.add(rows, one) for one in made]


def listed(rig, *, before="g", count=10, account="account", safes=None, **wanted):
    with rig.rows() as rows:
        asked = Filter(safes=safes or [rig.safe], now=rig.now, **wanted)
        return [one.id for one in records.page(rows, asked, account, before=before, count=count)]


def test_a_reference_is_one_employers_own(rig):
    """A reference is taken once at each employer, and found at its own alone; none at all is never taken."""
    globex = rig.employer()
    one, again = document(rig, "r"), document(rig, "r")
    other = document(rig, "r", employer_id=globex)

    told = add(rig, one, again, other, document(rig), document(rig))

    with rig.rows() as rows:
        assert told == [True, False, True, True, True]
        assert records.by_id(rows, one.id, [one.safe_id]) == one
        assert records.by_id(rows, again.id, [again.safe_id]) is None
        assert records.by_reference(rows, rig.acme, "r") == one
        assert records.by_reference(rows, globex, "r") == other
        assert records.by_reference(rows, rig.acme, "s") is None


def test_a_list_shows_what_was_asked_for(rig):
    """Every filter shows its own, newest first, of the safes that were named alone."""
    made = {
        "plain": document(rig),
        "contract": document(rig, kind=Kind.CONTRACT, period=None),
        "older": document(rig, period=Period("2026-09")),
        "opened": document(rig, opened_at=rig.now),
        "archived": document(rig, archived_at=rig.now),
        "binned": document(rig, discarded_at=rig.now, archived_at=rig.now),
        "later": document(rig, available_from=rig.now + MINUTE),
        "by now": document(rig, available_from=rig.now),
        "another": document(rig, safe_id=rig.person(rig.acme)[1]),
    }
    add(rig, *made.values())
    ids = {name: one.id for name, one in made.items()}
    usual = ["by now", "opened", "older", "contract", "plain"]

    assert listed(rig) == [ids[name] for name in usual]
    assert listed(rig, kind=Kind.CONTRACT) == [ids["contract"]]
    assert listed(rig, period=Period("2026-09")) == [ids["older"]]
    assert ids["opened"] not in listed(rig, unopened=True)
    assert listed(rig, archived=True) == [ids["archived"]]
    assert listed(rig, binned=True) == [ids["binned"]]
    assert listed(rig, safes=[made["another"].safe_id]) == [ids["another"]]
    assert listed(rig, before=ids["opened"], count=2) == [ids["older"], ids["contract"]]
    with rig.rows() as rows:
        assert records.count(rows, Filter(safes=[rig.safe], now=rig.now), "account") == len(usual)


def test_an_employers_deposits_are_its_own(rig):
    """Deposits are listed for one employer, one safe, one month, newest first."""
    other_safe = rig.person(rig.acme)[1]
    made = [
        document(rig),
        document(rig, period=Period("2026-09")),
        document(rig, safe_id=other_safe),
        document(rig, employer_id=rig.employer()),
    ]
    add(rig, *made)
    asked = {"before": "g", "count": 10}

    with rig.rows() as rows:

        def found(safe_id, month):
            period = None if month is None else Period(month)
            told = records.deposited(rows, rig.acme, safe_id=safe_id, period=period, **asked)
            return [made.index(one) for one in told]

        assert found(None, None) == [2, 1, 0]
        assert found(rig.safe, None) == [1, 0]
        assert found(None, "2026-10") == [2, 0]
        assert found(rig.safe, "2026-09") == [1]


def test_filing_changes_a_document_and_its_first_opening_stays(rig):
    """Title and states change; when it was first opened is written once."""
    made = document(rig)
    add(rig, made)

    with rig.rows() as rows:
        assert records.change(rows, made.id, {"title": "New", "archived_at": rig.now})
        assert not records.change(rows, "no", {"title": "New"})
        records.mark_opened(rows, made.id, rig.now)
        records.mark_opened(rows, made.id, rig.now + MINUTE)
        found = records.by_id(rows, made.id, [made.safe_id])

    assert found == attrs.evolve(made, title="New", archived_at=rig.now, opened_at=rig.now)


def test_labels_are_one_accounts(rig):
    """A label is put once, found by its key, told once in her list, and taken off; nobody else's are touched."""
    made = [document(rig), document(rig)]
    add(rig, *made)
    mine, hers = rig.account(), rig.account()

    def label(rows, of, account, name):
        new = rig.new_id()
        return marks.label(
            rows, new, document_id=of.id, account_id=account, name=name, key=name.casefold()
        )

    with rig.rows() as rows:
        told = [
            label(rows, made[0], mine, "Bank"),
            label(rows, made[0], mine, "BANK"),
            label(rows, made[1], mine, "Bank"),
            label(rows, made[1], hers, "Bank"),
        ]
        marks.unlabel(rows, document_id=made[1].id, account_id=mine, key="bank")

        assert told == [True, False, True, True]
        assert marks.labels_by(rows, mine) == marks.labels_by(rows, hers) == ["Bank"]
    assert listed(rig, account=mine, label="bank") == [made[0].id]
    assert listed(rig, account=hers, label="bank") == [made[1].id]
