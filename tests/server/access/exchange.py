"""Import, export and the code tables."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
REGISTRARS = {"admin", "supervisor"}
SIGNED_IN = READERS | {"admin", "security", "subject"}

ACCESS = {
    ("GET", "/api/v1/codes"): SIGNED_IN,
    ("GET", "/api/v1/codes/{table}"): SIGNED_IN,
    ("POST", "/api/v1/imports"): REGISTRARS,
    ("GET", "/api/v1/imports"): REGISTRARS,
    ("GET", "/api/v1/imports/{key}"): REGISTRARS,
    ("GET", "/api/v1/imports/templates/{kind}"): REGISTRARS,
    ("GET", "/api/v1/exports/{kind}"): READERS,
    ("GET", "/api/v1/exports/alerts"): READERS,
    ("GET", "/api/v1/exports/by-digest/{sha256}"): {"auditor"},
}
