"""A site whose rows are sealed, and how its evidence is checked and tampered with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from server.audit.report import Report
from server.audit.sealing import Sealer
from server.audit.verifying import verify, verify_in
from server.config import ServerSettings
from server.db import Database
from server.metrics import Metrics
from server.parts import Parts, utc_now
from server.personal.starting import vault_of
from server.rounds import Rounds
from server.signing.checkpoints import TrustedKeys, read_checkpoint_signer
from server.signing.keys import new_key
from tests.server.alert_work import alert_work_of
from tests.server.conftest import Site

_DOCUMENT = """
  WITH done AS (
    INSERT INTO act (org_id, subject_id, kind, authority, by_login, happened_time, ref_kind, ref_id)
    VALUES (%(org_id)s, %(subject_id)s, 'document.issued', 'own', 'su-1', now(), 'document', '1')
    RETURNING id)
  INSERT INTO document (id, org_id, subject_id, kind, template_version, year, seq, number, is_own,
    ref_kind, ref_id, body, content, sha256, issued_at, issued_by, act_id)
  SELECT 'd-' || %(n)s, %(org_id)s, %(subject_id)s, 'praise_decision', 1, 2026, %(n)s, '1', true,
    'measure', 'm-1', '{"a": 1}', 'pdf', encode(sha256('pdf'), 'hex'), now(), 'su-1', id
  FROM done"""

_RECORDING = """
  WITH recorder AS (
    INSERT INTO device (id, org_id, kind, expected_interval_s)
    VALUES ('rc-1', %(org_id)s, 'recorder', 60) RETURNING id),
  known AS (
    INSERT INTO media (id, org_id, device_id, gateway_id, entry_seq, recording, kind, begin_time,
      end_time, sha256, size_bytes, announced_at, due_at)
    SELECT 'md-' || repeat('0', 32), %(org_id)s, id, 'gw-1', 1, 'r-1', 'video', now(), now(),
      sha256('video'), 5, now(), now() FROM recorder RETURNING id),
  linked AS (
    INSERT INTO media_link (org_id, media_id, kind, ref_id, subject_id, by_login)
    SELECT %(org_id)s, id, 'subject', %(subject_id)s, %(subject_id)s, 'su-1' FROM known)
  INSERT INTO media_manifest (id, org_id, content, sha256)
  SELECT id, %(org_id)s, '{}', sha256('{}') FROM known"""


_TASK = """
  WITH task AS (
    INSERT INTO dispatch_task (id, org_id, alert_id, login, what, sent_by, sent_at, due_at, state,
      state_at)
    SELECT 'dt-1', %(org_id)s, (SELECT min(id) FROM alert), 'of-1', '上门核实', 'su-1', now(),
      now() + interval '1 hour', 'cancelled', now() RETURNING id, org_id)
  INSERT INTO dispatch_step (org_id, task_id, step, by_login, note, moved, step_time)
  SELECT org_id, id, 'cancelled', 'su-1', '已到案', true, now() FROM task"""

_RULING = """
  WITH proposed AS (
    INSERT INTO measure (id, org_id, subject_id, kind, ground, findings, counted, conditions,
      reasons, evidence_sha256, policy_version, proposed_by, proposed_at, verified_by)
    SELECT 'm-1', %(org_id)s, %(subject_id)s, 'revoke_probation', 'law-46', '{}', '{}', '{}',
      '情节严重', sha256('x'), '1', 'su-1', now(), '{}' RETURNING id, org_id, subject_id)
  INSERT INTO measure_ruling (org_id, subject_id, measure_id, about, by_body, outcome, number, note,
    happened_time, noted_by, noted_at)
  SELECT org_id, subject_id, id, 'proposal', '青溪县人民法院', 'granted', '1', '附裁定书', now(),
    'su-1', now()
  FROM proposed"""

# Those that need nothing beside themselves.
_REPORT = """
  INSERT INTO alert_report (id, org_id, month, content, sha256, document_id, made_by, made_at)
  VALUES ('ar-1', %(org_id)s, '2026-01-01', '{}', encode(sha256('{}'), 'hex'), 'd-1', 'su-1',
    now())"""
_VOID = """
  INSERT INTO fact_void (fact_id, org_id, subject_id, because, by_login)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, '异议成立', 'su-1')"""
_ALARM = """
  INSERT INTO look_alarm (org_id, by_login, kind, day, persons, bound)
  VALUES (%(org_id)s, 'of-1', 'many', '2026-01-01', 200, 200)"""
_PROCURATOR = """
  INSERT INTO procurator_look (org_id, by_login, call, thing)
  VALUES (%(org_id)s, 'pr-1', 'GET /api/v1/acts', %(subject_id)s)"""


class Sealed:
    """The sealer of a site, worked by hand."""

    def __init__(self, site: Site, algorithm: Any = "sha256") -> None:
        self.site = site
        self.anchors = site.folder / "anchors"
        self.anchors.mkdir(exist_ok=True)
        self.key = site.folder / "audit-key.pem"
        if not self.key.exists():
            private, public = new_key()
            self.key.write_text(private)
            self.key.chmod(0o600)
            (site.folder / "audit-key.pub").write_text(public)
        self.signer = read_checkpoint_signer(self.key)
        self.keys = TrustedKeys(self.signer.public)
        self.sealer = Sealer(algorithm, self.signer, self.anchors)

    def settings(self, **changed: Any) -> ServerSettings:
        given = {"audit_key_file": self.key, "audit_anchor_dir": self.anchors}
        return self.site.settings(**(given | changed))

    async def seal(self) -> int:
        """One round; return how many batches and anchors it settled."""
        settings = self.settings()
        database = Database(
            app_dsn=settings.app_dsn(),
            ingest_dsn=settings.ingest_dsn(),
            worker_dsn=settings.worker_dsn(),
            size=2,
            timeout_s=10,
        )
        await database.open()
        try:
            vault = vault_of(settings, database)
            parts = Parts(settings, database, Metrics(), utc_now, vault=vault)
            return await Rounds(parts, *self.sealer.dues(), every_s=3600).round()
        finally:
            await database.close()

    def verify(self) -> Report:
        return verify(self.site.database.worker_dsn, keys=self.keys, anchors=self.anchors)

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection[Any]]:
        """Somebody who owns the database and has switched triggers and foreign keys off.

        What was done is undone at the end.
        """
        with psycopg.connect(self.site.database.owner_dsn) as connection:
            connection.execute("SET session_replication_role = replica")
            yield connection
            connection.rollback()

    def seen(self, connection: psycopg.Connection[Any]) -> Report:
        """Return what a check finds of what a transaction has done."""
        return verify_in(connection, keys=self.keys, anchors=self.anchors)


async def fill(site: Site) -> None:
    """Let a row of every covered table come to be, where it can, by what people do."""
    async with alert_work_of(site) as work:
        await work.comes()
        answer = await work.do("of-1", "resolve", verdict="confirmed", note="本人承认")
        assert answer.status_code == 200, answer.text
    (fact,) = site.rows("SELECT id, org_id, subject_id FROM fact")
    site.rows(
        "INSERT INTO access_log (org_id, by_login, act, subject_id)"
        " VALUES (%(org_id)s, 'su-1', 'fact', %(subject_id)s)",
        fact,
    )
    site.rows(
        "INSERT INTO retention_destruction (org_id, class, basis, kept_days, row_count, oldest_at,"
        " newest_at) VALUES (%(org_id)s, 'contact', '保存期限届满', 365, 1, now(), now())",
        fact,
    )
    site.rows(_RECORDING, fact)
    for number in (1, 2):
        site.rows(_DOCUMENT, fact | {"n": number})
    for query in (_TASK, _RULING, _REPORT, _VOID, _ALARM, _PROCURATOR):
        site.rows(query, fact)
