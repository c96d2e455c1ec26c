"""Where the law's articles act in the code, and which tests prove it."""
