-- Why somebody looked at a track, by the list of purposes (查询轨迹事由), what it belongs to, and the
-- span that was read. `purpose` stays the caller's own words.
ALTER TABLE access_log
  ADD COLUMN purpose_code text CHECK (purpose_code ~ '^[a-z][a-z_]{0,39}$'),
  ADD COLUMN ref_kind text CHECK (length(ref_kind) <= 40),
  ADD COLUMN ref_id text CHECK (length(ref_id) <= 120),
  ADD COLUMN span_from timestamptz,
  ADD COLUMN span_to timestamptz,
  ADD CHECK ((span_from IS NULL) = (span_to IS NULL) AND (ref_kind IS NULL) = (ref_id IS NULL));
