"""Networks over windows: a look-back goes in, all steps ahead come out."""
