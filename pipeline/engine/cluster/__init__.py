"""Many processes on many machines that share a PostgreSQL store.

 the one that schedules ──calls──▶ jobs in the database ──▶ workers: a batch of a stage each ──▶ the store
        ▲ what is due, who is gone                                     │ what they make, they call for
        └──────────────────────────────────────────────────────────────┘

A job holds nothing: it asks for one batch of what is due by then, which the worker leases row by row. So one that is
lost loses nothing, and what a worker held that is gone is due again once it has been silent for some time.
"""
