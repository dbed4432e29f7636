"""The program that reads: the MCP server."""
