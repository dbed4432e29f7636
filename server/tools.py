"""The tools that the server offers."""

from mcp.server.mcpserver.tools import Tool

from server.clause_tool import clause_tool
from server.desk import Desk
from server.read_tool import read_tool
from server.search_tool import search_tool


def contract_tools(desk: Desk) -> list[Tool]:
    """All of them, answering at a desk."""
    return [search_tool(desk), clause_tool(desk), read_tool(desk)]
