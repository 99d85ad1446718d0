"""Who is measured: one file a library, each run in a process of its own."""
