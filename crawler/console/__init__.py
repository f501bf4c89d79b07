"""The web console: where operators and analysts live. Pages are plain links and forms; htmx and a small script make
them quick. Design: docs/console.md.
"""
