-- A page of a province is walked by name, not sorted.

CREATE INDEX subject_by_name ON subject (name_key, id);
