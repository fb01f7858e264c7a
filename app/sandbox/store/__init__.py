"""Tables, a file per noun. Functions take the Database first; rows are dicts."""
