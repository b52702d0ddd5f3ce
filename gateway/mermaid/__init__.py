"""Mermaid, both ways: texts read into diagrams, and diagrams written into the texts they came from.

``document`` is the way in, ``export`` the way out. Below them, for flowcharts: ``source`` (the text
as Mermaid's parser sees it), ``flow_lexer``, ``flow_parser``, ``flow_tree``, ``flow_graph`` (what
it means), ``flow_import``, ``flow_patch``; for mindmaps: ``mindmap``, ``mindmap_import``,
``mindmap_export``.
"""
