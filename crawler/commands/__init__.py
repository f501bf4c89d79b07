"""The commands of `otklik`: one module a verb."""
