"""Pictures of diagrams without a browser: SVG and PNG that look as the editor does.

Pure but for the shipped fonts that PNG reads; safe to call from any thread or worker process.
"""
