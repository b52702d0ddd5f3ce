"""The diagram engine as servers use it: off the event loop wherever it would hold others up.

``jobs`` is what can be asked of it, as plain functions; ``pool`` runs them in processes of their
own; ``engine`` decides which way each goes and turns what went wrong into coded errors.
"""
