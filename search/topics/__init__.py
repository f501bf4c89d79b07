"""What a post is about: topics that a city teaches by its own history.

A model is learnt from lines of `id`, `text`, `topic` (train.py), kept in one file without code (store.py), asked about
posts (model.py) and measured on lines it never saw (evaluate.py).
"""
