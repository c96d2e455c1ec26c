"""Arrays of fixes against fences: relation, signed distance, probability, transitions. Pure."""
