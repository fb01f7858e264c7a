"""The endpoints, a file per noun. Importing a file puts its routes on the blueprint."""
