"""The laws of the operation type, checked over all of a small world and over random large ones."""
