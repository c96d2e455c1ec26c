"""One envelope for everything that is sealed: a cipher, master keys in files, keys of offices."""
