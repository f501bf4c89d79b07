"""One linear history of the tables; a migration's file name begins with its number."""
