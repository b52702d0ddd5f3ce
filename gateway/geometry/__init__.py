"""Sizes of nodes, their outlines and the lines of edges, as the editor draws them.

Pure. The critic, the layout and the renderer share it, so that all of them speak of one picture.
"""
