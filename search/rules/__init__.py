"""Rules over the matches of a saved search: as many, as sudden, as new as it asks, or none where there used to be some.

Matches are counted as they arrive, by the time of publication, so that late ones count; an alarm is a stretch of time
in which a rule holds. It follows from what is counted and from when sources were watched (search/state/watched.py),
in whatever order posts came; the posts of the stretch are the reports of its incident.
"""
