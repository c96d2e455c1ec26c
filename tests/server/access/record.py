"""The record of acts, and the law's clocks."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}

EVERYONE = READERS | {"admin"}
REGISTRARS = {"admin", "supervisor"}

ACCESS = {
    ("GET", "/api/v1/acts"): READERS,
    ("GET", "/api/v1/deadlines"): EVERYONE,
    ("GET", "/api/v1/duties"): EVERYONE,
    ("GET", "/api/v1/duties/counts"): EVERYONE,
    ("GET", "/api/v1/policy"): EVERYONE,
    ("POST", "/api/v1/policy"): REGISTRARS,
    ("POST", "/api/v1/holidays"): REGISTRARS,
}
