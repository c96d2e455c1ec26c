"""The supervised person's own account."""

STAFF = {"admin", "security", "auditor", "supervisor", "head", "officer", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}

ACCESS = {
    ("PUT", "/api/v1/subjects/{subject_id}/account"): DECIDERS,
    ("DELETE", "/api/v1/subjects/{subject_id}/account"): DECIDERS,
    ("POST", "/api/v1/me/password"): STAFF | {"subject"},
    ("GET", "/api/v1/me"): {"subject"},
    ("GET", "/api/v1/me/restrictions"): {"subject"},
}
