"""The ground floor: records, errors, the store and search."""
