"""The people who run a vault: what is past its time, legal holds, the documents a deployer must have."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import BinaryIO

from mycvault.desk import Call, Desk
from mycvault.stories import (
    checking,
    closing,
    compacting,
    describing,
    erasing_again,
    proving,
    rotating,
    sweeping,
    tidying,
)
from mycvault.values.actors import OPERATOR
from mycvault.values.report import Report
from mycvault.values.verbs import Verb


class Upkeep:
    """The door of `Vault.upkeep`. Each verb is safe beside traffic, may be run again at any time, and is in the journal."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def purge(self, *, dry_run: bool = True) -> Report:
        """
        Destroy what is past its time; with *dry_run*, the default, only count it.

        That is: what lay in a bin for `Policy.documents.bin_lifetime`, and what is past the term promised at its deposit
        (`Document.keep_until`). What a legal hold keeps stays. Ends holds whose last day is past, finishes erasures that a
        crash cut short, and deletes what the throttle counts and remembers no more. Counts: "bin", "term", "held",
        "holds_ended", "erasures_finished"; findings: documents that could not be destroyed.
        """
        with self._call(Verb.PURGE) as call:
            return tidying.purge(call, dry_run=dry_run)

    def erase_again(self, *, dry_run: bool = True) -> Report:
        """
        After a restore of the records, erase the accounts again that were erased since the backup; with *dry_run* only count.

        They are told by their keys, which are not in the store of personal keys: restore that store only when it was lost, and
        never run this beside one that is older than the records. What cannot be read is taken out, and the employments begin
        anew, so that the employer's lists and deposits answer. Counts: "accounts", "documents"; findings: accounts that could
        not be erased.
        """
        with self._call(Verb.ERASE_AGAIN) as call:
            return erasing_again.erase_again(call, dry_run=dry_run)

    def rotate_keys(
        self, *, dry_run: bool = False, on_progress: Callable[[int, int], None] | None = None
    ) -> Report:
        """
        Renew the keys between the root key and people's own, once the key provider has a new root; with *dry_run* only count.

        After `LocalKeys.add_key`, or when a KMS wraps with another key: the vault's key, the one that account keys lie under and
        every employer's get a new version under the root that wraps now; what lies under the older versions is wrapped again,
        500 keys in a transaction, and the older versions are deleted. Documents and rows stay as they are. When that is
        done, run again, it changes nothing; cut or failed, it goes on where it was. Others work on meanwhile, processes
        with older keys in memory too.

        Counts: "vault" and "employers": keys renewed; "uses", "accounts", "records", "safes" (those nobody joined yet, and what
        holds keep): keys wrapped again; "left": keys still to be wrapped again, in a dry run all of them. Older root keys may be
        retired after a run that leaves 0. Findings: keys that do not open; they stay under their parent's older version, and
        that one under the new root. *on_progress* is told how many keys are done, and of how many.

        Raises:
            KeysUnavailable: The key provider does not answer; what is done is done.
        """
        with self._call(Verb.ROTATE_KEYS) as call:
            return rotating.rotate_keys(call, dry_run=dry_run, on_progress=on_progress)

    def sweep(self, *, grace: dt.timedelta | None = None) -> Report:
        """
        Delete the bytes that no row refers to, once sweeps have seen them so for the whole grace.

        Crashes, lost races and destroyed documents leave them. *grace*: zero or more, `Policy.blob_grace` (30 days) by default,
        so that a database restored from a backup still finds its bytes. With zero what is seen now goes at once; beside traffic
        no acknowledged document is lost even then, but a deposit that is being written may be told `BlobsUnavailable`, and
        what somebody is just reading while it is destroyed or compacted may break off.

        Run it every night, or again after an outage: it goes on. Only keys of ours are looked at; a storage belongs to one vault
        alone. Ages are counted by the host's clock: one that was set forward makes them look longer, one that was set back
        makes blobs wait, which is a finding. Counts: "scanned", "referenced", "first_seen", "waiting", "deleted", "restored"
        (unreferenced once, and referenced again); findings: sightings that somebody changed, whose grace begins anew.

        Raises:
            InvalidInput: *grace* is no duration, or less than zero.
            BlobsUnavailable: The storage does not answer; what was done stays.
        """
        with self._call(Verb.SWEEP) as call:
            return sweeping.sweep(call, grace=grace)

    def check(
        self, *, sample: float = 1.0, on_progress: Callable[[int, int], None] | None = None
    ) -> Report:
        """
        Verify the vault: each document is unlocked, read to its last byte, and held against the digest of its deposit.

        Evidence of declarations too; and contents that are no document's, keys of accounts and safes that are not in their store,
        gaps in the journal. Nothing is changed, and nothing is kept from anybody meanwhile. *sample*: from 0 to 1, the share of
        documents and evidence to verify, chosen at random; all the rest is checked every time. *on_progress* is told how many
        documents are done, and how many there are.

        Counts: "documents", "evidence" and "bytes" verified; "damaged" (not the bytes that were deposited), "missing" (no blob,
        or no row that says where), "unreadable" (a row or key is not what was written), "strays", "keys_missing", "gaps";
        "orphans", blobs that no row refers to, are `sweep`'s business and no finding. Findings, a thousand at most: ids and
        the codes of errors, never anything of a person.

        Raises:
            InvalidInput: *sample* is not from 0 to 1.
            BlobsUnavailable, KeysUnavailable, RecordsUnavailable: Not a finding: check again later.
        """
        with self._call(Verb.CHECK_VAULT) as call:
            return checking.check(call, sample=sample, on_progress=on_progress)

    def compact(self, *, on_progress: Callable[[int, int], None] | None = None) -> Report:
        """
        Rewrite the packs of which less than half lives, so that a sweep may free the rest.

        Bulk deposits lie many in one blob; as documents are destroyed their bytes stay until their pack is rewritten. Nobody's
        reading breaks off: the old blob stays for `Policy.blob_grace`. Each document is verified before it is copied; what is
        damaged stays where it is, and is a finding. *on_progress* is told how many packs are done, and how many there are.

        Counts: "sparse" packs found, "rewritten", documents "moved" and "left" (destroyed or moved meanwhile, or the new pack
        was swept: next time), bytes "freed" once the old packs are swept.

        Raises:
            BlobsUnavailable, KeysUnavailable, RecordsUnavailable: What was done stays; run it again.
        """
        with self._call(Verb.COMPACT) as call:
            return compacting.compact(call, on_progress=on_progress)

    def hold(
        self, employer: str, matricule: str, *, reason: str, until: dt.date | None = None
    ) -> None:
        """
        Place a legal hold on an employment: none of its documents is destroyed, by anybody, until its end.

        *reason*: 1 to 500 characters, kept sealed on the employer's side. *until*: its last day; None: until `release`. Several
        holds may be in force.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            InvalidInput: *reason* is none, or *until* is past.
        """
        with self._call(Verb.HOLD) as call:
            tidying.hold(call, employer, matricule, reason=reason, until=until)

    def release(self, employer: str, matricule: str, *, reason: str) -> None:
        """
        End every hold on an employment; none is no error.

        What holds alone kept of an account that was erased is destroyed now.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            InvalidInput: *reason* is none.
        """
        with self._call(Verb.RELEASE) as call:
            tidying.release(call, employer, matricule, reason=reason)

    def open_evidence(self, employer: str, matricule: str, sha256: str, *, reason: str) -> BinaryIO:
        """
        Open the file that proves a notice, an objection or a return, for a dispute; the caller closes it.

        *sha256*: as `Notice.evidence_sha256` and `Objection.evidence_sha256` tell it. *reason*: 1 to 500 characters; she reads it
        in her history. No verb of an `Employer` returns content: evidence is taken out here.

        Raises:
            EmployerMissing, EmployeeMissing: No such employer or matricule.
            DocumentMissing: No declaration of hers is proved by such a file.
            DocumentDamaged: Now, or from the stream when the damage is met.
            InvalidInput: *reason* is none.
        """
        with self._call(Verb.OPEN_EVIDENCE) as call:
            return proving.open_evidence(call, employer, matricule, sha256, reason=reason)

    def announce_closure(self, employer: str, *, on: dt.date) -> int:
        """
        Announce that an employer's service closes on a day; give how many letters were queued.

        Whoever has an address is told, at every mailbox she proved, else at the address on record, once for each day announced:
        run again after an interruption, it tells the others. Who has none is HR's to tell (`Employer.employees`). Nothing is
        shut: the letters promise retrieval for twelve months more, which the host keeps open (Labour Code, D3243-8; CPCE, D541).

        Raises:
            EmployerMissing: No such employer.
            InvalidInput: Sooner than three months from today, or no date.
        """
        with self._call(Verb.ANNOUNCE_CLOSURE) as call:
            return closing.announce(call, employer, on=on)

    def information_notice(self) -> str:
        """
        Write the notice that users must be able to read (CPCE, R55-1), in French, as Markdown, from the real configuration.

        For the portal: publish it, and write it again when the policy, the terms of use or an employer's retention changes. It
        states facts and claims no conformity; who the deployer is, and what he promises, is his to add. No employer is named, and
        nothing of a person.

        Raises:
            RecordDamaged: The terms or an employer's row are not what was written.
        """
        with self._call(Verb.DESCRIBE) as call:
            return describing.information_notice(call)

    def technical_file(self) -> str:
        """
        Write the technical file (CPCE, R55-2), in French, as Markdown: what answers each point of article L103, and every limit.

        Not for the public: it names the kinds of database, storage and key provider and the id of the root key. It holds no path,
        address or secret, and nothing of a person. It states facts and claims no conformity.

        Raises:
            KeysUnavailable, WrongKeys: The key provider does not name its key.
            RecordDamaged: The terms or an employer's row are not what was written.
        """
        with self._call(Verb.DESCRIBE) as call:
            return describing.technical_file(call)

    def _call(self, verb: Verb) -> AbstractContextManager[Call]:
        return self._desk.call(verb, by=OPERATOR)
