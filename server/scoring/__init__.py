"""信用矫正分: a score that is a fold over a ledger of confirmed facts."""
