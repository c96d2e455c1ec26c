"""Transfers between counties."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
ONE = "/api/v1/transfers/{transfer_id}"
ACTIONS = (
    *("opinion", "question", "answer", "decision", "move", "report", "missing", "search"),
    "withdrawal",
)

ACCESS = {
    ("POST", "/api/v1/subjects/{subject_id}/transfers"): DECIDERS,
    ("POST", "/api/v1/me/transfers"): {"subject"},
    ("GET", "/api/v1/transfers"): READERS,
    ("GET", ONE): READERS,
    **{("POST", f"{ONE}/{action}"): DECIDERS for action in ACTIONS},
}
