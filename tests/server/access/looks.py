"""Looks, and the state of the evidence chains."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}

ACCESS = {
    ("POST", "/api/v1/subjects/{subject_id}/looks"): READERS - {"procurator"},
    ("POST", "/api/v1/subjects/{subject_id}/reveals"): READERS - {"procurator"},
    ("GET", "/api/v1/me/looks"): {"subject"},
    ("GET", "/api/v1/audit/chains"): {"auditor"},
    ("GET", "/api/v1/looks"): READERS,
    ("GET", "/api/v1/look-alarms"): {"auditor"},
    ("POST", "/api/v1/looks/{look_id}/decision"): DECIDERS,
}
