"""The local store: one encrypted SQLite database with the knowledge, the ticket cache and the decision log.

Open it with `assist.store.store.open_store`. Importing this package alone loads neither numpy nor SQLite.
"""
