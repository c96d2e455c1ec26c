"""What a person asks about the own data: access, correction, explanation, complaint."""
