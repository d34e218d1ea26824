"""Icons, policies, schemas and screenshots that ship with the console."""
