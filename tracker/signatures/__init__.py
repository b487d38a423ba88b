"""Signatories: who signed, as each chose to appear, counted apart by where the number comes from."""
