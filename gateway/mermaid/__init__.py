"""Mermaid text made from diagrams."""
