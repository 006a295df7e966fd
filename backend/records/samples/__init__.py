"""Sample records: simulated ones, and real ones that can be downloaded from PhysioNet.

No simulation (`backend.simulate`). Start with `library.open_sample`; `catalogue` lists the real records, `download`
fetches them.
"""
