"""The notebooks: run them, bring them into a normal form, check the house rules."""
