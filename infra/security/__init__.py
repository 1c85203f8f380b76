"""Keys and tokens: personal data sealed per subject, and who a caller is."""
