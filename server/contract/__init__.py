"""The contract (OpenAPI 3.1) as it is answered: words in both languages, examples, problems."""
