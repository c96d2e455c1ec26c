-- Personal fields are sealed by the server (docs/decisions/0037-personal-fields.md). A column
-- `x_sealed` has what `x` had; where both are there, a server of before has written `x` since, and a
-- round seals it. Keys: one of each office, wrapped by a master key that the database does not have.

-- No reference to org: a key is made in a transaction of its own, before the row that needs it.
-- org_id '': the site's own, of the keyed index.
CREATE TABLE data_key (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL,
  use        text NOT NULL CHECK (use IN ('fields', 'index')),
  algorithm  text NOT NULL CHECK (algorithm IN ('aes-256-gcm', 'sm4-gcm')),
  wrapped    bytea NOT NULL CHECK (octet_length(wrapped) BETWEEN 32 AND 4096),
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  retired_at timestamptz,
  CHECK ((use = 'index') = (org_id = ''))
);
CREATE UNIQUE INDEX data_key_now ON data_key (org_id, use) WHERE retired_at IS NULL;
REVOKE ALL ON data_key FROM guitu_app, guitu_ingest;
GRANT SELECT, INSERT (org_id, use, algorithm, wrapped) ON data_key TO guitu_worker;

-- What is returned opens nothing without the master key; an office that takes a file over is outside
-- the scope of who hands it over.
CREATE FUNCTION data_keys_of(of_org text)
RETURNS TABLE (id bigint, algorithm text, wrapped bytea, is_current boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id, k.algorithm, k.wrapped, k.retired_at IS NULL FROM data_key k
  WHERE k.org_id = of_org ORDER BY k.id DESC LIMIT 100
$$;
REVOKE EXECUTE ON FUNCTION data_keys_of(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION data_keys_of(text) TO guitu_app;

ALTER TABLE case_file
  ADD COLUMN identity_number_sealed bytea CHECK (octet_length(identity_number_sealed) <= 1024),
  ADD COLUMN identity_number_index  bytea CHECK (octet_length(identity_number_index) = 32),
  ADD COLUMN phone_sealed           bytea CHECK (octet_length(phone_sealed) <= 1024),
  ADD COLUMN residence_sealed       bytea CHECK (octet_length(residence_sealed) <= 4096),
  ADD COLUMN crime_sealed           bytea CHECK (octet_length(crime_sealed) <= 4096),
  ADD COLUMN judgment_number_sealed bytea CHECK (octet_length(judgment_number_sealed) <= 1024);
CREATE INDEX case_file_identity ON case_file (identity_number_index)
  WHERE identity_number_index IS NOT NULL;
CREATE INDEX case_file_plain ON case_file (subject_id) WHERE identity_number IS NOT NULL
  OR phone IS NOT NULL OR residence IS NOT NULL OR crime IS NOT NULL OR judgment_number IS NOT NULL;

ALTER TABLE file_contact
  ALTER COLUMN name DROP NOT NULL,
  ADD COLUMN name_sealed    bytea CHECK (octet_length(name_sealed) <= 1024),
  ADD COLUMN phone_sealed   bytea CHECK (octet_length(phone_sealed) <= 1024),
  ADD COLUMN address_sealed bytea CHECK (octet_length(address_sealed) <= 4096),
  ADD CONSTRAINT file_contact_named CHECK (num_nonnulls(name, name_sealed) > 0);
CREATE INDEX file_contact_plain ON file_contact (id)
  WHERE name IS NOT NULL OR phone IS NOT NULL OR address IS NOT NULL;
GRANT UPDATE (name, name_sealed, phone, phone_sealed, address, address_sealed) ON file_contact
  TO guitu_app;

ALTER TABLE group_member ADD COLUMN phone_sealed bytea CHECK (octet_length(phone_sealed) <= 1024);
CREATE INDEX group_member_plain ON group_member (id) WHERE phone IS NOT NULL;
GRANT UPDATE (phone, phone_sealed) ON group_member TO guitu_app;

-- 受保护人.
ALTER TABLE protected_person
  ALTER COLUMN name DROP NOT NULL,
  ADD COLUMN name_sealed bytea CHECK (octet_length(name_sealed) <= 4096),
  ADD CONSTRAINT protected_person_named CHECK (num_nonnulls(name, name_sealed) > 0);
CREATE INDEX protected_person_plain ON protected_person (id) WHERE name IS NOT NULL;
GRANT UPDATE (name_sealed) ON protected_person TO guitu_app;

-- Answers hold parts of files.
ALTER TABLE request_key
  ADD COLUMN answer_sealed bytea CHECK (octet_length(answer_sealed) <= 33554432);
GRANT UPDATE (answer_sealed) ON request_key TO guitu_app;
