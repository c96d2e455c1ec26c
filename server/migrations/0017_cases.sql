-- Case files (矫正档案), the gate before sealed ones, transfers between counties
-- (docs/decisions/0017-sealed-files.md).

-- 封存 (刑事诉讼法 Art. 286); minors' files are closed alike. Neither ends at 18 (Art. 58).
ALTER TABLE subject
  ADD COLUMN is_sealed boolean NOT NULL DEFAULT false,
  -- GB 18030 orders the common characters by pinyin; the embedded build has no collation that does.
  ADD COLUMN name_key  bytea;
CREATE INDEX subject_closed ON subject (id) WHERE is_minor OR is_sealed;
CREATE INDEX subject_name ON subject (org_id, name_key, id);

CREATE FUNCTION keep_subject() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.is_minor AND NOT NEW.is_minor OR OLD.is_sealed AND NOT NEW.is_sealed) THEN
    RAISE EXCEPTION 'the regime of minors and of sealed files does not end'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'subject_stays_closed';
  END IF;
  NEW.name_key := convert_to(NEW.name, 'GB18030');
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_subject() FROM PUBLIC;
CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON subject
  FOR EACH ROW EXECUTE FUNCTION keep_subject();
UPDATE subject SET name_key = NULL;                  -- the trigger fills it
ALTER TABLE subject ALTER COLUMN name_key SET NOT NULL;

-- Whose closed files this transaction may see, from its setting guitu.opened: ids with commas, or
-- '*' for the server's own work, whose results nobody reads.
CREATE FUNCTION opened_files() RETURNS text[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT string_to_array(coalesce(current_setting('guitu.opened', true), ''), ',')
$$;

-- Every closed file that this transaction may not see, whatever the scope: a record that stayed
-- with another county is as closed as the file.
CREATE FUNCTION closed_files() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
  SELECT s.id FROM subject s
  WHERE (s.is_minor OR s.is_sealed) AND '*' <> ALL (opened_files())
    AND s.id <> ALL (opened_files()) AND s.id IS DISTINCT FROM own_subject()
$$;
REVOKE EXECUTE ON FUNCTION opened_files(), closed_files() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION opened_files(), closed_files() TO guitu_app;

CREATE POLICY sealed ON subject AS RESTRICTIVE FOR SELECT TO guitu_app USING (
  NOT (is_minor OR is_sealed) OR id = ANY ((SELECT opened_files())::text[])
  OR '*' = ANY ((SELECT opened_files())::text[]) OR id = (SELECT own_subject()));

CREATE PROCEDURE guard_sealed(of_table text, subject_column text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY sealed ON %1$I AS RESTRICTIVE FOR SELECT TO guitu_app'
    ' USING (%2$I IS NULL OR %2$I NOT IN (SELECT closed_files()))', of_table, subject_column);
END $$;

-- As before, and closed with the person's file: every table that is guarded from here on.
CREATE OR REPLACE PROCEDURE guard_own(of_table text, subject_column text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE POLICY own ON %I AS RESTRICTIVE TO guitu_app USING ('
    ' CASE WHEN (SELECT own_subject()) IS NULL THEN true ELSE %s END)',
    of_table, CASE WHEN subject_column IS NULL THEN 'false'
      ELSE format('%I IS NOT DISTINCT FROM (SELECT own_subject())', subject_column) END);
  IF subject_column IS NOT NULL THEN
    CALL guard_sealed(of_table, subject_column);
  END IF;
END $$;
REVOKE EXECUTE ON PROCEDURE guard_sealed(text, text) FROM PUBLIC;

-- What was guarded before. Open as pseudonyms stay an alert and a deadline, which must reach who is
-- on duty, and the ledger with its facts, whose chain needs every link.
DO $$
DECLARE
  t text;
BEGIN
  FOR t IN
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'subject_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity AND c.relkind IN ('r', 'p')
      AND c.relname NOT IN ('alert', 'outcome', 'deadline', 'score_entry', 'fact', 'fence_assignment')
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'sealed')
  LOOP
    CALL guard_sealed(t, 'subject_id');
  END LOOP;
END $$;

-- The county (县级社区矫正机构) of an organisation; null above one.
CREATE FUNCTION county_of(of_org text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT above.id FROM org mine JOIN org above ON starts_with(mine.path, above.path)
  WHERE mine.id = of_org AND above.level = 'county' ORDER BY length(above.path) DESC LIMIT 1
$$;
REVOKE EXECUTE ON FUNCTION county_of(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION county_of(text) TO guitu_app, guitu_ingest;

-- 矫正档案: one for each subject from the first moment, see make_file().
CREATE TABLE case_file (
  subject_id      text PRIMARY KEY REFERENCES subject (id),
  org_id          text NOT NULL REFERENCES org (id),
  stage           text NOT NULL DEFAULT 'in_correction' CHECK (stage IN
    ('received', 'in_correction', 'released', 'terminated', 'transferred_out')),
    -- 入矫 在矫 解矫 终止 转出
  sex             text CHECK (sex IN ('male', 'female')),
  birth_date      date,
  offence_date    date CHECK (offence_date > birth_date),
  identity_number text CHECK (length(identity_number) <= 40),
  phone           text CHECK (length(phone) <= 40),
  residence       text CHECK (length(residence) <= 400),
  crime           text CHECK (length(crime) <= 200),
  judgment_number text CHECK (length(judgment_number) <= 100),
  judged_on       date,
  effective_on    date,
  deciding_body   text CHECK (length(deciding_body) <= 200),
  procuratorate   text CHECK (length(procuratorate) <= 200),
  police          text CHECK (length(police) <= 200),
  ended_at        timestamptz,
  end_reason      text CHECK (end_reason IN ('expired', 'pardoned', 'revoked', 'recommitted', 'died',
    'transferred')),
  version         int NOT NULL DEFAULT 1,
  CHECK ((stage IN ('received', 'in_correction')) = (ended_at IS NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX case_file_stage ON case_file (org_id, stage);
CALL guard('case_file', 'subject_id');
GRANT SELECT, INSERT, UPDATE ON case_file TO guitu_app;

CREATE FUNCTION make_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO case_file (subject_id, org_id) VALUES (NEW.id, NEW.org_id);
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION make_file() FROM PUBLIC;
INSERT INTO case_file (subject_id, org_id) SELECT id, org_id FROM subject;
CREATE TRIGGER make_file AFTER INSERT ON subject FOR EACH ROW EXECUTE FUNCTION make_file();

-- 矫正小组 (Arts. 12, 25): a role ends, its row stays.
CREATE TABLE group_member (
  id           text PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  role         text NOT NULL CHECK (role IN ('officer', 'committee', 'guardian', 'family', 'employer',
    'school', 'social_worker', 'volunteer')),
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  sex          text CHECK (sex IN ('male', 'female')),   -- null: not said
  phone        text CHECK (length(phone) <= 40),
  login        text REFERENCES app_user (login),
  knows_minors boolean NOT NULL DEFAULT false,
  valid_from   timestamptz NOT NULL,
  valid_to     timestamptz CHECK (valid_to >= valid_from),
  CHECK (login IS NULL OR role = 'officer')
);
CREATE INDEX group_member_subject ON group_member (subject_id);
CREATE INDEX group_member_login ON group_member (login) WHERE valid_to IS NULL;
CALL guard('group_member', 'subject_id');
GRANT SELECT, INSERT, UPDATE (valid_to) ON group_member TO guitu_app;

-- 查询封存、未成年人档案: asked for with a reason, granted by another person for hours. Not closed
-- with the file: who decides on a look must read what it is for.
CREATE TABLE file_look (
  id         text PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  ground     text NOT NULL CHECK (ground IN ('supervision', 'judicial', 'lawful_query')),
  reason     text NOT NULL CHECK (length(reason) BETWEEN 4 AND 500),
  asked_by   text NOT NULL,
  asked_at   timestamptz NOT NULL,
  hours      int NOT NULL CHECK (hours BETWEEN 1 AND 720),
  state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'granted', 'refused')),
  decided_by text CHECK (decided_by <> asked_by),
  decided_at timestamptz,
  ends_at    timestamptz CHECK (ends_at > decided_at),
  version    int NOT NULL DEFAULT 1,
  CHECK ((state = 'asked') = (decided_by IS NULL) AND (state = 'asked') = (decided_at IS NULL)),
  CHECK ((state = 'granted') = (ends_at IS NOT NULL))
);
CREATE INDEX file_look_granted ON file_look (asked_by, ends_at) WHERE state = 'granted';
CREATE INDEX file_look_org ON file_look (org_id, asked_at DESC, id DESC);
CALL guard('file_look', NULL);
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, ends_at, version) ON file_look TO guitu_app;

-- The closed files that are open to a login: by a look that was granted, and to the officers of the
-- person's own group for as long as they are in it.
CREATE FUNCTION files_open_to(of_login text, at timestamptz) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(open.subject_id), '{}') FROM (
    SELECT l.subject_id FROM file_look l
    WHERE l.asked_by = of_login AND l.state = 'granted' AND l.decided_at <= at AND at < l.ends_at
    UNION
    SELECT g.subject_id FROM group_member g JOIN subject s ON s.id = g.subject_id
    WHERE g.login = of_login AND g.valid_to IS NULL AND (s.is_minor OR s.is_sealed)) open
$$;
REVOKE EXECUTE ON FUNCTION files_open_to(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION files_open_to(text, timestamptz) TO guitu_app;

-- A closed file was read: in the access log, and as an act. The reason is the look's own.
CREATE FUNCTION note_look(of_subject text, of_login text, of_org text, what text, at timestamptz)
RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  file_org text := (SELECT org_id FROM subject WHERE id = of_subject);
  look record;
BEGIN
  IF file_org IS NULL THEN
    RETURN;
  END IF;
  SELECT l.id, l.reason INTO look FROM file_look l
  WHERE l.subject_id = of_subject AND l.asked_by = of_login AND l.state = 'granted'
    AND l.decided_at <= at AND at < l.ends_at ORDER BY l.decided_at DESC LIMIT 1;
  INSERT INTO access_log (org_id, by_login, act, subject_id, purpose)
  VALUES (file_org, of_login, 'closed file', of_subject, coalesce(look.reason, '矫正小组成员'));
  INSERT INTO act (org_id, subject_id, kind, authority, by_login, by_org, happened_time, articles,
    ref_kind, ref_id, body)
  VALUES (file_org, of_subject, 'file.looked_at',
    CASE WHEN (SELECT level FROM org WHERE id = of_org) = 'office' THEN 'delegated' ELSE 'own' END,
    of_login, of_org, at, ARRAY['law-54', 'cpl-286'], 'look', coalesce(look.id, 'group'),
    jsonb_build_object('call', what));
END $$;
REVOKE EXECUTE ON FUNCTION note_look(text, text, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_look(text, text, text, text, timestamptz) TO guitu_app;

-- What reception and release consist of; each is done once.
CREATE TABLE file_step (
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text NOT NULL REFERENCES subject (id),
  step          text NOT NULL CHECK (step IN ('documents_checked', 'identity_verified', 'reported',
    'announced', 'summary_filed', 'appraised', 'release_announced', 'bodies_notified')),
  happened_time timestamptz NOT NULL,
  at            timestamptz NOT NULL,
  by_login      text NOT NULL,
  body          jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (subject_id, step),
  CHECK (happened_time <= at)
);
CALL guard_record('file_step', 'subject_id');
GRANT SELECT, INSERT ON file_step TO guitu_app;

CREATE TABLE file_contact (
  id         text PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  kind       text NOT NULL CHECK (kind IN ('kin', 'guardian', 'guarantor', 'protected')),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  relation   text NOT NULL CHECK (length(relation) <= 100),
  phone      text CHECK (length(phone) <= 40),
  address    text CHECK (length(address) <= 400),
  valid_from timestamptz NOT NULL,
  valid_to   timestamptz CHECK (valid_to >= valid_from)
);
CREATE INDEX file_contact_subject ON file_contact (subject_id);
CALL guard('file_contact', 'subject_id');
GRANT SELECT, INSERT, UPDATE (valid_to) ON file_contact TO guitu_app;

-- 禁止令, as the court gave it.
CREATE TABLE prohibition (
  id            text PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text NOT NULL REFERENCES subject (id),
  kinds         text[] NOT NULL CHECK (kinds <@ ARRAY['activity', 'place', 'person'] AND kinds <> '{}'),
  content       text NOT NULL CHECK (length(content) BETWEEN 1 AND 2000),
  deciding_body text NOT NULL CHECK (length(deciding_body) BETWEEN 1 AND 200),
  valid_from    date NOT NULL,
  valid_to      date NOT NULL CHECK (valid_to >= valid_from),
  entered_by    text NOT NULL,
  entered_at    timestamptz NOT NULL
);
CREATE INDEX prohibition_subject ON prohibition (subject_id, valid_from);
CALL guard('prohibition', 'subject_id');
GRANT SELECT, INSERT ON prohibition TO guitu_app;

-- 矫正方案: a change is a version; a review says whether it still fits.
CREATE TABLE plan (
  org_id     text NOT NULL REFERENCES org (id),
  subject_id text NOT NULL REFERENCES subject (id),
  version    int NOT NULL CHECK (version >= 1),
  basis      text NOT NULL CHECK (length(basis) BETWEEN 4 AND 4000),
  measures   text[] NOT NULL CHECK (cardinality(measures) BETWEEN 1 AND 50),
  made_by    text NOT NULL,
  made_at    timestamptz NOT NULL,
  PRIMARY KEY (subject_id, version)
);
CALL guard_record('plan', 'subject_id');
CREATE TABLE plan_review (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  version     int NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('kept', 'to_adjust')),
  note        text NOT NULL CHECK (length(note) BETWEEN 4 AND 2000),
  reviewed_by text NOT NULL,
  reviewed_at timestamptz NOT NULL,
  FOREIGN KEY (subject_id, version) REFERENCES plan (subject_id, version)
);
CREATE INDEX plan_review_subject ON plan_review (subject_id, reviewed_at);
CALL guard_record('plan_review', 'subject_id');
GRANT SELECT, INSERT ON plan, plan_review TO guitu_app;

-- 管理类别的调整: proposed by one, decided by a person of the county; then a row of subject_version.
CREATE TABLE class_proposal (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  from_class  text CHECK (from_class IN ('strict', 'general', 'lenient')),
  to_class    text NOT NULL CHECK (to_class IN ('strict', 'general', 'lenient')),
  reason      text NOT NULL CHECK (length(reason) BETWEEN 4 AND 2000),
  state       text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'refused')),
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  decided_by  text CHECK (decided_by <> proposed_by),
  decided_at  timestamptz,
  note        text CHECK (length(note) <= 2000),
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX class_proposal_one ON class_proposal (subject_id) WHERE state = 'proposed';
CREATE INDEX class_proposal_org ON class_proposal (org_id, proposed_at DESC, id DESC);
CALL guard('class_proposal', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, note, version) ON class_proposal TO guitu_app;

-- 不准出境人员报备 (国移民公〔2021〕420号), and the regular checks of papers that go with it.
CREATE TABLE exit_ban (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  state       text NOT NULL DEFAULT 'filed' CHECK (state IN ('filed', 'answered', 'lifting', 'ended')),
  filed_at    timestamptz NOT NULL,
  answered_at timestamptz,
  lifting_at  timestamptz,
  ended_at    timestamptz,
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX exit_ban_one ON exit_ban (subject_id) WHERE state <> 'ended';
CALL guard('exit_ban', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, answered_at, lifting_at, ended_at, version) ON exit_ban TO guitu_app;

CREATE TABLE identity_check (
  id            text PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  subject_id    text NOT NULL REFERENCES subject (id),
  outcome       text NOT NULL CHECK (outcome IN ('same', 'differs', 'not_done')),
  note          text NOT NULL CHECK (length(note) BETWEEN 4 AND 2000),
  happened_time timestamptz NOT NULL,
  checked_by    text NOT NULL,
  at            timestamptz NOT NULL
);
CREATE INDEX identity_check_subject ON identity_check (subject_id, happened_time);
CALL guard_record('identity_check', 'subject_id');
GRANT SELECT, INSERT ON identity_check TO guitu_app;

-- 档案归档: the list of everything of a person, closed by a digest over it.
CREATE TABLE file_archive (
  subject_id text PRIMARY KEY REFERENCES subject (id),
  org_id     text NOT NULL REFERENCES org (id),
  closed_by  text NOT NULL,
  closed_at  timestamptz NOT NULL,
  items      int NOT NULL,
  sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  list       text NOT NULL                           -- one item a line, as it was digested
);
CALL guard_record('file_archive', 'subject_id');
GRANT SELECT, INSERT ON file_archive TO guitu_app;

-- 执行地变更 (Art. 27; measures Arts. 30, 31) between counties of this site.
CREATE TABLE transfer (
  id            text PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),   -- who has the file when it is applied for
  subject_id    text NOT NULL REFERENCES subject (id),
  to_county     text NOT NULL REFERENCES org (id),
  to_org        text REFERENCES org (id),            -- the office that takes the file over
  state         text NOT NULL DEFAULT 'applied' CHECK (state IN ('applied', 'verified', 'asked',
    'agreed', 'declined', 'approved', 'refused', 'moved', 'reported', 'missing', 'withdrawn')),
  reason        text NOT NULL CHECK (length(reason) BETWEEN 4 AND 2000),
  address       text NOT NULL CHECK (length(address) BETWEEN 4 AND 400),
  move_on       date NOT NULL,
  summary       jsonb,                               -- what the other county is asked about, and no more
  applied_by    text NOT NULL,
  applied_at    timestamptz NOT NULL,
  verified_by   text,
  asked_by      text,
  answered_by   text,
  decided_by    text CHECK (decided_by <> applied_by AND decided_by <> verified_by),
  state_at      timestamptz NOT NULL,
  version       int NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX transfer_one ON transfer (subject_id)
  WHERE state IN ('applied', 'verified', 'asked', 'agreed', 'declined', 'approved', 'moved');
CREATE INDEX transfer_from ON transfer (org_id, applied_at DESC, id DESC);
CREATE INDEX transfer_to ON transfer (to_county, applied_at DESC, id DESC);
ALTER TABLE transfer ENABLE ROW LEVEL SECURITY;
-- Both counties: the other from the moment when it is asked.
CREATE POLICY scope ON transfer USING (
  org_id = ANY ((SELECT scope_orgs())::text[])
  OR (summary IS NOT NULL AND to_county = ANY ((SELECT scope_orgs())::text[]))
  OR (to_org IS NOT NULL AND to_org = ANY ((SELECT scope_orgs())::text[])));
-- Not closed with the file: the county that is asked must answer, and its summary names nobody then.
CREATE POLICY own ON transfer AS RESTRICTIVE TO guitu_app USING (
  (SELECT own_subject()) IS NULL OR subject_id = (SELECT own_subject()));
GRANT SELECT, INSERT, UPDATE (to_org, state, summary, verified_by, asked_by, answered_by, decided_by,
  state_at, version) ON transfer TO guitu_app;

-- The name of a county, whatever the scope: where a person may move to.
CREATE FUNCTION county_name(of_org text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT name_zh FROM org WHERE id = of_org AND level = 'county'
$$;

-- 档案移交: every row of the file that lives goes to the new office; records that are never rewritten
-- stay and are read from there. What the old county watched by stays its own and has ended.
CREATE FUNCTION move_file(of_transfer text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  moving transfer;
  t text;
BEGIN
  SELECT * INTO moving FROM transfer WHERE id = of_transfer FOR UPDATE;
  IF moving.state IS DISTINCT FROM 'approved' OR moving.to_org IS NULL
     OR county_of(moving.to_org) IS DISTINCT FROM moving.to_county THEN
    RAISE EXCEPTION 'transfer % is not approved', of_transfer USING ERRCODE = 'check_violation';
  END IF;
  IF NOT moving.org_id = ANY (scope_orgs()) THEN
    RAISE EXCEPTION 'transfer % is not in the scope', of_transfer USING ERRCODE = 'check_violation';
  END IF;
  UPDATE subject SET org_id = moving.to_org WHERE id = moving.subject_id AND org_id = moving.org_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the file of transfer % is elsewhere', of_transfer USING ERRCODE = 'check_violation';
  END IF;
  FOR t IN
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'subject_id' AND NOT a.attisdropped
    JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'org_id' AND NOT o.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity AND c.relkind IN ('r', 'p')
      AND c.relname NOT IN ('alert', 'fence_assignment', 'transfer', 'deadline', 'file_look',
        'positioning_order')
      AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'append_only')
  LOOP
    EXECUTE format('UPDATE %I SET org_id = $1 WHERE subject_id = $2 AND org_id <> $1', t)
      USING moving.to_org, moving.subject_id;
  END LOOP;
  UPDATE deadline SET org_id = moving.to_org
  WHERE subject_id = moving.subject_id AND ref_kind <> 'transfer';
  INSERT INTO directory_version (org_id, changed_by) VALUES (moving.to_org, 'transfer');
END $$;

-- A clock of a transfer is a row of the county whose duty it is; either county starts it.
CREATE FUNCTION hand_transfer_clocks(of_transfer text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE deadline d SET org_id = CASE d.kind WHEN 'transfer_answer' THEN t.to_county ELSE t.org_id END
  FROM transfer t
  WHERE t.id = of_transfer AND d.ref_kind = 'transfer' AND d.ref_id = t.id
    AND (t.org_id = ANY (scope_orgs()) OR t.to_county = ANY (scope_orgs()) OR t.to_org = ANY (scope_orgs()))
$$;
REVOKE EXECUTE ON FUNCTION county_name(text), move_file(text), hand_transfer_clocks(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION county_name(text), move_file(text), hand_transfer_clocks(text) TO guitu_app;

-- What a gateway saw before the file left comes late and is still its county's.
GRANT SELECT (subject_id, org_id, to_county, to_org, summary, state) ON transfer TO guitu_ingest;
CREATE POLICY left_the_county ON subject FOR SELECT TO guitu_ingest USING (EXISTS (
  SELECT FROM transfer t WHERE t.subject_id = subject.id
    AND t.state IN ('moved', 'reported', 'missing') AND t.org_id = ANY ((SELECT scope_orgs())::text[])));

-- Facts and the ledger stay in the chain that they were written in, an order with the county that
-- gave it; who has the file reads them.
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['score_entry', 'fact', 'positioning_order'] LOOP
    EXECUTE format('DROP POLICY scope ON %I', t);
    EXECUTE format(
      'CREATE POLICY scope ON %1$I USING (org_id = ANY ((SELECT scope_orgs())::text[])'
      ' OR EXISTS (SELECT FROM subject s WHERE s.id = %1$I.subject_id))'
      ' WITH CHECK (org_id = ANY ((SELECT scope_orgs())::text[]))', t);
  END LOOP;
END $$;
GRANT UPDATE (disabled) ON app_user TO guitu_app;

-- 矫正对象本人账号: its first password is shown once and good for one thing, to set another.
ALTER TABLE app_user ADD COLUMN password_is_once boolean NOT NULL DEFAULT false;
GRANT SELECT (password_is_once), UPDATE (password_is_once) ON app_user TO guitu_app;

DROP FUNCTION session_lookup(bytea);
CREATE FUNCTION session_lookup(of_token_hash bytea)
RETURNS TABLE (user_id bigint, login text, name text, role text, subject_id text,
               password_is_once boolean, csrf_token text, org_id text, org_path text, org_level text,
               org_name_zh text, org_name_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.login, u.name, u.role, u.subject_id, u.password_is_once, s.csrf_token, o.id, o.path,
    o.level, o.name_zh, o.name_en
  FROM session s JOIN app_user u ON u.id = s.user_id JOIN org o ON o.id = u.org_id
  WHERE s.token_hash = of_token_hash AND NOT u.disabled AND s.expires_at > now()
$$;
REVOKE EXECUTE ON FUNCTION session_lookup(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_lookup(bytea) TO guitu_app;
CREATE INDEX binding_holder ON binding (holder_kind, holder_id, valid_from);
CREATE INDEX positioning_order_until ON positioning_order (valid_to);
