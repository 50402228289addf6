"""What a scan found, for people and for programs: one module per format.

Reads an inventory and what the reason codes mean; looks at no file, decides
nothing, and knows no terminal but the one it is handed.
"""
