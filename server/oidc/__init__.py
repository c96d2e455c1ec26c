"""Sign-in at an OpenID provider: who somebody is, never that there is an account."""
