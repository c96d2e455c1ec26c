-- Recordings that a terminal's report names. Its recorder's index may come later: they are linked
-- to the task when both are there, by the gateway that tells the second of the two.

ALTER TABLE dispatch_task ADD COLUMN report_media text[] NOT NULL DEFAULT '{}'
  CHECK (cardinality(report_media) <= 20);
CREATE INDEX dispatch_task_media ON dispatch_task USING gin (report_media)
  WHERE report_media <> '{}';
GRANT UPDATE (report_media) ON dispatch_task TO guitu_ingest;
GRANT SELECT, INSERT (org_id, media_id, kind, ref_id, subject_id, by_login) ON media_link
  TO guitu_ingest;
GRANT UPDATE (retention, keep_until, version) ON media TO guitu_ingest;
