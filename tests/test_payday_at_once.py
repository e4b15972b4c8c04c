"""Payrolls at once: on one connection, on one file, asked from several threads; none waits for ever, none is told twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import create_engine

import kit
import services
from mycvault import LocalKeys, Policy, Vault
from payday_kit import contents_of, enrol, matricules, slips


def runs_at_once(vault, employers, names):
    deposits = slips(names)
    with ThreadPoolExecutor(len(employers)) as pool:
        reports = list(pool.map(lambda employer: employer.deposit_many(deposits), employers))
    assert [report.ok for report in reports] == [True] * len(employers)
    assert {report.replayed for report in reports} == {0}
    assert vault.ping().ok


def two_employers(vault, count):
    rows = [
        {"matricule": one, "given_name": "Ada", "family_name": "Exemple"}
        for one in matricules(count)
    ]
    employers = [
        vault.add_employer(f"Employer {one}", reference=one, urls=kit.URLS) for one in "ab"
    ]
    for employer in employers:
        assert employer.enrol_many(rows).ok
    return employers


def test_two_employers_at_once_on_one_connection_in_memory():
    with Vault.in_memory(policy=Policy.for_tests(), clock=kit.SettableClock()) as vault:
        employers = two_employers(vault, 700)

        runs_at_once(vault, employers, matricules(700))

        assert [employer.statistics().deposits for employer in employers] == [700, 700]


def test_two_employers_at_once_on_a_hosts_only_connection(tmp_path, postgres_url):
    url = services.fresh_database(postgres_url)
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=20)
    try:
        with kit.make_vault(tmp_path / "vault", engine) as vault:
            employers = two_employers(vault, 700)

            runs_at_once(vault, employers, matricules(700))
    finally:
        engine.dispose()
        services.drop_database(url)


def test_two_vaults_on_one_file_at_once(tmp_path):
    keys = LocalKeys.generate(tmp_path / "keyring")
    with kit.house_at(tmp_path, keys=keys) as house:
        enrol(house, 700)
        with Vault.open(house.folder, keys=keys, policy=Policy.for_tests()) as other:
            employers = [house.acme, other.employer("acme")]
            with ThreadPoolExecutor(2) as pool:
                reports = list(
                    pool.map(lambda one: one.deposit_many(slips(matricules(700))), employers)
                )

        assert [report.ok for report in reports] == [True, True]
        assert sum(report.replayed for report in reports) == 700
        assert len(contents_of(house)) == 700
        assert {row.blob for row in contents_of(house)} == set(house.blobs())


def test_a_run_asked_from_several_threads_gives_each_outcome_once(lite):
    enrol(lite, 600)
    outcomes = lite.acme.deposit_each(slips(matricules(600)))
    lock, told = threading.Lock(), []

    def work():
        while True:
            with lock:
                one = next(outcomes, None)
            if one is None:
                return
            told.append(one.receipt.matricule)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == matricules(600)


def test_a_run_that_is_forgotten_leaves_no_thread(lite):
    enrol(lite, 600)
    outcomes = lite.acme.deposit_each(slips(matricules(600)))
    next(outcomes)

    del outcomes

    assert not [one for one in threading.enumerate() if one.name.startswith("mycvault-payday")]
    assert len(lite.acme.deposit_many(slips(matricules(600))).receipts) == 600
