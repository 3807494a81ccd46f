"""Area_search."""
