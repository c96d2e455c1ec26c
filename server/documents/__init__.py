"""Documents (文书): decisions, proposals, notices and certificates as numbered, hashed PDF."""
