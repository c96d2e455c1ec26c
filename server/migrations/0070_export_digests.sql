-- Who took the file of a digest: exports note the SHA-256 of what left as an act (export.file).
CREATE INDEX act_export_file ON act ((body ->> 'sha256')) WHERE kind = 'export.file';
