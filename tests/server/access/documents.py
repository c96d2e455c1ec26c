"""Documents: read by who reads case files and, what is addressed to it, by an own account."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator", "subject"}
DECIDERS = {"supervisor", "head", "officer"}
ONE = "/api/v1/documents/{document_id}"

ACCESS = {
    ("GET", "/api/v1/documents"): READERS,
    ("GET", ONE): READERS,
    ("GET", f"{ONE}/content"): READERS,
    ("POST", f"{ONE}/service"): DECIDERS,
    ("POST", f"{ONE}/copies"): DECIDERS,
    ("POST", ONE + "/copies/{recipient}/receipt"): DECIDERS,
}
