"""Calls tools through a gateway by the official Python SDK, unchanged, and prints what came of it as JSON."""

import asyncio
import json
import sys

import httpx2
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client


def transport(target, token):
    if target.startswith("http"):
        http = httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=20)
        return streamable_http_client(target, http_client=http)
    command, *args = json.loads(target)
    return stdio_client(StdioServerParameters(command=command, args=args))


async def main(target, token, mode):
    async with Client(transport(target, token), mode=mode) as client:
        listed = await client.list_tools()
        called = await client.call_tool("get_ticket", {"id": "T-17"})
        try:
            refused = {"ran": (await client.call_tool("delete_ticket", {"id": "T-17"})).model_dump(mode="json")}
        except MCPError as error:
            refused = {"code": error.error.code, "message": error.error.message, "data": error.error.data}
    tools = [tool.name for tool in listed.tools]
    print(json.dumps({"tools": tools, "called": called.content[0].text, "refused": refused}))


asyncio.run(main(*sys.argv[1:]))
