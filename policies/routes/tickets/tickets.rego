# METADATA
# title: The ticket system
# description: One MCP server; what it may be asked for stands in the organisation's list, and here who may ask.
package routes.tickets

import data.routes.tickets.limits
import data.verdict.parts
import data.verdict.reason

# METADATA
# title: Nothing comes by here but messages to the server
# custom:
#   code: CALL_NOT_ALLOWED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: support-engineering
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), "route policy tickets is for tool calls") if input.phase != "tool"

# METADATA
# title: No other server
# custom:
#   code: SERVER_NOT_ALLOWED
#   risk:
#     id: ASI04
#     year: 2026
#     title: Agentic Supply Chain Vulnerabilities
#     owner: support-engineering
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "route policy tickets is for another server") if not to_server

# METADATA
# title: Some tools need a role
# custom:
#   code: TOOL_ROLE_REQUIRED
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: support-engineering
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), $"tool {substring(parts.tool, 0, 64)} is for other roles") if {
	roles := limits.roles[parts.tool]
	not has_role(roles)
}

to_server if {
	input.tool.origin == "mcp"
	input.tool.server == limits.server
}

has_role(roles) if {
	some role in input.subject.roles
	role in roles
}
