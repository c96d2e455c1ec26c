"""What the passing of time decides about people: check-ins and lapses; the nuisance budget."""
