"""A dealership as it is: what it is called, by which clock it works, in which places."""
