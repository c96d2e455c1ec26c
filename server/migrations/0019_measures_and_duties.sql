-- 考核奖惩, 日常义务, 查找: findings and the ladder of measures; duties, activities, assessments,
-- pre-sentence investigations; missing persons.

-- 查实的事实: reported, then verified by the office (社区矫正法 Art. 28).
CREATE TABLE finding (
  id                text PRIMARY KEY,
  org_id            text NOT NULL REFERENCES org (id),
  subject_id        text NOT NULL REFERENCES subject (id),
  kind              text NOT NULL CHECK (kind IN ('late_arrival', 'absence', 'whereabouts', 'reporting',
    'visitors', 'leaving', 'moving', 'education', 'prohibition', 'medical_review', 'other',
    'condition_unmet', 'condition_gone', 'guarantor_lost', 'outstanding_deed', 'merit', 'major_merit')),
  begin_time        timestamptz NOT NULL,            -- as found; never in the future
  end_time          timestamptz CHECK (end_time >= begin_time),
  description       text NOT NULL CHECK (length(description) BETWEEN 4 AND 2000),
  evidence          jsonb NOT NULL,                  -- [{"kind": "alert", "id": "..."}]
  state             text NOT NULL DEFAULT 'reported' CHECK (state IN ('reported', 'established', 'dismissed')),
  gravity           text CHECK (gravity IN ('minor', 'serious', 'grave')),  -- 情节轻微 较重 严重
  was_educated      boolean NOT NULL DEFAULT false,  -- 经教育仍不改正
  has_proper_reason boolean NOT NULL DEFAULT false,  -- 有正当理由
  verification      text CHECK (length(verification) <= 2000),
  missing_id        text,                            -- the search whose absence it is
  reported_by       text,                            -- null: the system's own clock
  reported_at       timestamptz NOT NULL,
  verified_by       text,
  verified_at       timestamptz,
  version           int NOT NULL DEFAULT 1,
  CHECK ((state = 'reported') = (verified_at IS NULL)),
  CHECK (begin_time <= reported_at)
);
CREATE INDEX finding_subject ON finding (subject_id, begin_time DESC);
CREATE INDEX finding_page ON finding (org_id, reported_at DESC, id DESC);
CALL guard('finding', 'subject_id');
GRANT SELECT, INSERT, UPDATE (end_time, state, gravity, was_educated, has_proper_reason, verification,
  verified_by, verified_at, version) ON finding TO guitu_app;

-- 奖惩: proposed by an office or the county, decided by another person of the county.
CREATE TABLE measure (
  id               text PRIMARY KEY,
  org_id           text NOT NULL REFERENCES org (id),
  subject_id       text NOT NULL REFERENCES subject (id),
  kind             text NOT NULL CHECK (kind IN ('admonition', 'warning', 'police_penalty',
    'revoke_probation', 'revoke_parole', 'recommit', 'praise', 'reduction')),
  ground           text NOT NULL,                    -- 'measures-35.5'
  findings         text[] NOT NULL,
  counted          text[] NOT NULL,                  -- the earlier measures that the ground counts
  conditions       text[] NOT NULL,
  absence_days     int,                              -- as counted at the proposal, then at the decision
  reasons          text NOT NULL CHECK (length(reasons) BETWEEN 4 AND 4000),
  evidence_sha256  bytea NOT NULL CHECK (length(evidence_sha256) = 32),
  policy_version   text NOT NULL,
  state            text NOT NULL DEFAULT 'proposed' CHECK (state IN
    ('proposed', 'withdrawn', 'refused', 'decided', 'annulled')),
  proposed_by      text NOT NULL,
  proposed_at      timestamptz NOT NULL,
  verified_by      text[] NOT NULL,                  -- who verified the findings
  statement        text CHECK (length(statement) <= 4000),
  unheard_because  text CHECK (unheard_because IN ('missing', 'silent')),
  heard_by         text,
  heard_at         timestamptz,
  decided_by       text,
  decided_at       timestamptz,
  decision         text CHECK (length(decision) <= 4000),
  document_id      text,
  served_at        timestamptz,
  objectable_until timestamptz,
  arrest_asked_at  timestamptz,
  ground_lost_at   timestamptz,                      -- a measure that it counts was annulled
  annulled_by      text,
  annulled_at      timestamptz,
  annulment        text CHECK (length(annulment) <= 4000),
  version          int NOT NULL DEFAULT 1,
  CHECK ((state IN ('decided', 'refused', 'annulled')) = (decided_at IS NOT NULL)),
  CHECK ((state = 'annulled') = (annulled_at IS NOT NULL)),
  CHECK ((heard_at IS NULL) = (statement IS NULL AND unheard_because IS NULL)),
  CHECK (decided_by <> proposed_by AND decided_by <> ALL (verified_by)),
  CHECK (annulled_by <> proposed_by AND annulled_by <> decided_by),
  CHECK (decided_at >= proposed_at AND served_at >= decided_at AND annulled_at >= decided_at)
);
CREATE INDEX measure_subject ON measure (subject_id, proposed_at DESC);
CREATE INDEX measure_page ON measure (org_id, proposed_at DESC, id DESC);
CREATE INDEX measure_findings ON measure USING gin (findings);
CREATE INDEX measure_counted ON measure USING gin (counted);
CALL guard('measure', 'subject_id');
GRANT SELECT, INSERT, UPDATE (reasons, absence_days, state, statement, unheard_because, heard_by,
  heard_at, decided_by, decided_at, decision, document_id, served_at, objectable_until,
  arrest_asked_at, ground_lost_at, annulled_by, annulled_at, annulment, version) ON measure TO guitu_app;

-- 证据: copies as they stood at the proposal.
CREATE TABLE measure_evidence (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  measure_id text NOT NULL REFERENCES measure (id),
  kind       text NOT NULL CHECK (kind IN ('finding', 'alert', 'fact', 'act', 'document', 'measure',
    'search_step')),
  ref_id     text NOT NULL,
  content    text NOT NULL CHECK (length(content) <= 200000),  -- canonical JSON, as it is hashed
  sha256     bytea NOT NULL CHECK (length(sha256) = 32),
  UNIQUE (measure_id, kind, ref_id)
);
CALL guard_record('measure_evidence', 'subject_id');
GRANT SELECT, INSERT ON measure_evidence TO guitu_app;

-- What a court, the police, a deciding body or the procuratorate said; noted, never decided here.
CREATE TABLE measure_ruling (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text NOT NULL REFERENCES subject (id),
  measure_id    text NOT NULL REFERENCES measure (id),
  about         text NOT NULL CHECK (about IN ('proposal', 'arrest', 'supervision')),
  by_body       text NOT NULL CHECK (length(by_body) BETWEEN 2 AND 200),
  outcome       text NOT NULL CHECK (outcome IN ('granted', 'denied')),
  number        text NOT NULL CHECK (length(number) <= 100),
  note          text NOT NULL CHECK (length(note) <= 2000),
  happened_time timestamptz NOT NULL,
  noted_by      text NOT NULL,
  noted_at      timestamptz NOT NULL CHECK (noted_at >= happened_time)
);
CREATE INDEX measure_ruling_measure ON measure_ruling (measure_id, id);
CREATE UNIQUE INDEX measure_ruling_once ON measure_ruling (measure_id, about) WHERE about <> 'supervision';
CALL guard_record('measure_ruling', 'subject_id');
GRANT SELECT, INSERT ON measure_ruling TO guitu_app;

-- 异议 (实施办法 Art. 32): against a measure or an assessment, answered by somebody else.
CREATE TABLE objection (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  ref_kind    text NOT NULL CHECK (ref_kind IN ('measure', 'assessment')),
  ref_id      text NOT NULL,
  words       text NOT NULL CHECK (length(words) BETWEEN 2 AND 4000),
  filed_by    text NOT NULL,
  filed_at    timestamptz NOT NULL,
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'upheld', 'dismissed')),
  answer      text CHECK (length(answer) <= 4000),
  answered_by text,
  answered_at timestamptz CHECK (answered_at >= filed_at),
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'open') = (answered_at IS NULL))
);
CREATE UNIQUE INDEX objection_open ON objection (ref_kind, ref_id) WHERE state = 'open';
CREATE INDEX objection_ref ON objection (ref_kind, ref_id, filed_at);
CALL guard('objection', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, answer, answered_by, answered_at, version) ON objection TO guitu_app;

-- 失联查找 (Art. 30): 脱管 lost, 漏管 never_arrived.
CREATE TABLE missing_person (
  id                text PRIMARY KEY,
  org_id            text NOT NULL REFERENCES org (id),
  subject_id        text NOT NULL REFERENCES subject (id),
  kind              text NOT NULL CHECK (kind IN ('lost', 'never_arrived')),
  absent_since      timestamptz NOT NULL,
  source_kind       text NOT NULL CHECK (source_kind IN ('officer', 'deadline', 'alert')),
  source_id         text,
  note              text NOT NULL CHECK (length(note) BETWEEN 2 AND 2000),
  opened_by         text,                            -- null: the system's own clock
  opened_at         timestamptz NOT NULL CHECK (opened_at >= absent_since),
  state             text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'found', 'closed')),
  found_time        timestamptz CHECK (found_time >= absent_since),
  ended_at          timestamptz,
  ended_by          text,
  circumstances     text CHECK (length(circumstances) <= 2000),
  has_proper_reason boolean,
  close_reason      text CHECK (close_reason IN ('term_over', 'died', 'detained', 'revoked', 'transferred',
    'mistaken')),
  absence_days      int,
  finding_id        text REFERENCES finding (id),
  document_id       text,
  version           int NOT NULL DEFAULT 1,
  CHECK ((state = 'open') = (ended_at IS NULL)),
  CHECK ((state = 'found') = (found_time IS NOT NULL)),
  CHECK ((state = 'closed') = (close_reason IS NOT NULL))
);
CREATE UNIQUE INDEX missing_person_open ON missing_person (subject_id) WHERE state = 'open';
CREATE INDEX missing_person_page ON missing_person (org_id, opened_at DESC, id DESC);
CALL guard('missing_person', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, found_time, ended_at, ended_by, circumstances, has_proper_reason,
  close_reason, absence_days, finding_id, document_id, version) ON missing_person TO guitu_app;
ALTER TABLE finding ADD FOREIGN KEY (missing_id) REFERENCES missing_person (id);

-- 查找记录 (实施办法 Art. 38): what was done, when, with what result.
CREATE TABLE search_step (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text NOT NULL REFERENCES subject (id),
  missing_id    text NOT NULL REFERENCES missing_person (id),
  means         text NOT NULL CHECK (means IN ('contact', 'information_check', 'visit', 'family',
    'police', 'procuratorate', 'deciding_body')),
  result        text NOT NULL CHECK (result IN ('no_trace', 'trace', 'reached', 'informed')),
  happened_time timestamptz NOT NULL,
  note          text NOT NULL CHECK (length(note) BETWEEN 2 AND 2000),
  by_login      text NOT NULL,
  noted_at      timestamptz NOT NULL CHECK (noted_at >= happened_time)
);
CREATE INDEX search_step_missing ON search_step (missing_id, id);
CALL guard_record('search_step', 'subject_id');
GRANT SELECT, INSERT ON search_step TO guitu_app;

-- 日常义务: what a person owes again and again, one running for each kind; its periods are clocks.
CREATE TABLE duty_schedule (
  id           text PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  kind         text NOT NULL CHECK (kind IN ('periodic_report', 'written_report', 'health_report',
    'medical_review', 'visits', 'talks', 'education', 'community_work', 'assessment')),
  class        text NOT NULL CHECK (class IN ('strict', 'general', 'lenient')),
  clock        text NOT NULL,                        -- of the period that runs
  anchor       date NOT NULL,                        -- the day that periods count from
  period_begin date NOT NULL,
  period_due   timestamptz NOT NULL,
  planned_by   text,
  planned_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  version      int NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX duty_schedule_running ON duty_schedule (subject_id, kind) WHERE ended_at IS NULL;
CALL guard('duty_schedule', 'subject_id');
GRANT SELECT, INSERT, UPDATE (clock, period_begin, period_due, ended_at, version) ON duty_schedule
  TO guitu_app;

-- What a person owed ends with the case.
CREATE FUNCTION end_duties() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE duty_schedule SET ended_at = NEW.ended_at, version = version + 1
  WHERE subject_id = NEW.subject_id AND ended_at IS NULL;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION end_duties() FROM PUBLIC;
CREATE TRIGGER end_duties AFTER UPDATE OF stage ON case_file FOR EACH ROW
  WHEN (NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL) EXECUTE FUNCTION end_duties();

-- 履行记录: reports, visits, talks, hours; what was missed is a record too.
CREATE TABLE duty_record (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text NOT NULL REFERENCES subject (id),
  schedule_id   text REFERENCES duty_schedule (id),
  period_due    timestamptz,                         -- the period that it counts for
  kind          text NOT NULL,                       -- also 'change': reported at once (Art. 24)
  outcome       text NOT NULL CHECK (outcome IN ('done', 'excused', 'missed')),
  amount        int NOT NULL CHECK (amount BETWEEN 0 AND 10000),  -- times, or minutes
  form          text,
  result        text NOT NULL CHECK (length(result) <= 4000),
  activity_id   text,
  happened_time timestamptz NOT NULL,
  by_login      text,                                -- null: the system's own clock
  noted_at      timestamptz NOT NULL CHECK (noted_at >= happened_time)
);
CREATE INDEX duty_record_subject ON duty_record (subject_id, id DESC);
CREATE INDEX duty_record_org ON duty_record (org_id, id DESC);
CREATE INDEX duty_record_period ON duty_record (schedule_id, period_due);
CALL guard_record('duty_record', 'subject_id');
GRANT SELECT, INSERT ON duty_record TO guitu_app;

-- 教育学习, 公益活动: one session for many people.
CREATE TABLE activity (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  kind        text NOT NULL CHECK (kind IN ('education', 'community_work')),
  title       text NOT NULL CHECK (length(title) BETWEEN 2 AND 200),
  place       text NOT NULL CHECK (length(place) BETWEEN 2 AND 200),
  begins_at   timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL CHECK (ends_at > begins_at),
  for_minors  boolean NOT NULL,                      -- apart from adults (Art. 52)
  state       text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'held', 'cancelled')),
  planned_by  text NOT NULL,
  planned_at  timestamptz NOT NULL,
  ended_by    text,
  ended_at    timestamptz,
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'planned') = (ended_at IS NULL))
);
CREATE INDEX activity_page ON activity (org_id, begins_at DESC, id DESC);
CALL guard('activity', NULL);
GRANT SELECT, INSERT, UPDATE (state, ended_by, ended_at, version) ON activity TO guitu_app;

CREATE TABLE attendance (
  activity_id text NOT NULL REFERENCES activity (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  org_id      text NOT NULL REFERENCES org (id),
  strength    text CHECK (length(strength) BETWEEN 2 AND 200),  -- 个人特长 (Art. 42)
  outcome     text NOT NULL DEFAULT 'planned' CHECK (outcome IN ('planned', 'attended', 'absent', 'excused')),
  minutes     int CHECK (minutes BETWEEN 0 AND 1440),
  note        text CHECK (length(note) <= 500),
  PRIMARY KEY (activity_id, subject_id)
);
CREATE INDEX attendance_subject ON attendance (subject_id);
CALL guard('attendance', 'subject_id');
GRANT SELECT, INSERT, UPDATE (outcome, minutes, note) ON attendance TO guitu_app;

-- 考核: prepared by the office from the record, confirmed by the county.
CREATE TABLE assessment (
  id           text PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  period_from  date NOT NULL,
  period_to    date NOT NULL CHECK (period_to > period_from),
  facts        jsonb NOT NULL,                       -- counts of the record, as they stood
  suggested    text NOT NULL CHECK (suggested IN ('good', 'qualified', 'unqualified')),
  grade        text NOT NULL CHECK (grade IN ('good', 'qualified', 'unqualified')),
  reasons      text NOT NULL CHECK (length(reasons) BETWEEN 4 AND 4000),
  class        text NOT NULL CHECK (class IN ('strict', 'general', 'lenient')),
  class_suggested text NOT NULL CHECK (class_suggested IN ('strict', 'general', 'lenient')),
  policy_version  text NOT NULL,
  state        text NOT NULL DEFAULT 'prepared' CHECK (state IN ('prepared', 'confirmed', 'returned', 'annulled')),
  prepared_by  text NOT NULL,
  prepared_at  timestamptz NOT NULL,
  decided_by   text CHECK (decided_by <> prepared_by),
  decided_at   timestamptz,
  note         text CHECK (length(note) <= 2000),
  told_at      timestamptz,                          -- 书面通知本人 (实施办法 Art. 32)
  objectable_until timestamptz,
  version      int NOT NULL DEFAULT 1,
  CHECK ((state = 'prepared') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX assessment_one ON assessment (subject_id, period_from) WHERE state IN ('prepared', 'confirmed');
CREATE INDEX assessment_page ON assessment (org_id, prepared_at DESC, id DESC);
CALL guard('assessment', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, note, told_at, objectable_until, version)
  ON assessment TO guitu_app;

-- 调查评估 (Art. 18): of somebody who is not supervised, so there is no file.
CREATE TABLE investigation (
  id                text PRIMARY KEY,
  org_id            text NOT NULL REFERENCES org (id),  -- who investigates: an office, or the county
  county_id         text NOT NULL REFERENCES org (id),
  commissioner_kind text NOT NULL CHECK (commissioner_kind IN ('court', 'procuratorate', 'police', 'prison', 'investigator')),
  commissioner      text NOT NULL CHECK (length(commissioner) BETWEEN 2 AND 100),
  number            text NOT NULL CHECK (length(number) BETWEEN 1 AND 80),
  name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  is_fast           boolean NOT NULL,                -- 速裁程序
  received_time     timestamptz NOT NULL,
  due_at            timestamptz NOT NULL,
  extended_to       timestamptz,                     -- agreed with who commissioned it
  extension         text CHECK (length(extension) <= 500),
  state             text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'reported', 'answered', 'closed', 'withdrawn')),
  report            jsonb,
  opinion           text CHECK (opinion IN ('suitable', 'unsuitable')),
  reported_by       text,
  reported_at       timestamptz,
  answered_by       text CHECK (answered_by <> reported_by),
  answered_at       timestamptz,
  is_late           boolean,
  document_id       text,
  adoption          text CHECK (adoption IN ('adopted', 'not_adopted')),
  adoption_time     timestamptz,
  adoption_note     text CHECK (length(adoption_note) <= 500),
  entered_by        text NOT NULL,
  entered_at        timestamptz NOT NULL CHECK (entered_at >= received_time),
  version           int NOT NULL DEFAULT 1,
  UNIQUE (county_id, commissioner, number),
  CHECK ((state = 'closed') = (adoption IS NOT NULL))
);
CREATE INDEX investigation_page ON investigation (org_id, entered_at DESC, id DESC);
CALL guard('investigation', NULL);
GRANT SELECT, INSERT, UPDATE (extended_to, extension, state, report, opinion, reported_by,
  reported_at, answered_by, answered_at, is_late, document_id, adoption, adoption_time,
  adoption_note, version) ON investigation TO guitu_app;
