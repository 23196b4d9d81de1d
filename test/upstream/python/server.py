"""The ticket system of the example policies, made of the official Python SDK: whatever it is asked, it does."""

import sys

from mcp.server import MCPServer

server = MCPServer("tickets")


@server.tool()
def get_ticket(id: str) -> str:
    return f"get_ticket {len(id)}"


@server.tool()
def delete_ticket(id: str) -> str:
    return "deleted"


if sys.argv[1:]:
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
else:
    server.run()
