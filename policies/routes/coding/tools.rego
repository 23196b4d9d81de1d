package routes.coding

import data.routes.coding.limits
import data.verdict.reason

# METADATA
# title: The caller of a tool must be a developer
# custom:
#   code: ROLE_REQUIRED
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: developer-experience
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), "route policy coding is for other roles than the caller's") if {
	not has_role(limits.roles)
}

# METADATA
# title: No tool is called but those on the list
# description: Those of MCP servers stand in lists of the organisation, or somebody approves.
# custom:
#   code: TOOL_NOT_ALLOWED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"route policy coding does not allow tool {called}") if {
	not of_server
	not calls_allowed_tool
}

# METADATA
# title: Some tools need a role
# custom:
#   code: TOOL_ROLE_REQUIRED
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), $"tool {called} is for other roles than the caller's") if {
	not of_server
	roles := limits.tools[input.tool.name]
	not has_role(roles)
}

# METADATA
# title: A call of a tool that acts must have an action
# description: What was not understood would pass by every other rule.
# custom:
#   code: TOOL_CALL_NOT_UNDERSTOOD
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"what this call of {called} would do is not understood") if {
	not of_server
	input.tool.name in limits.acting
	not acts
}

# METADATA
# title: A server that the organisation does not know needs an approval
# custom:
#   code: MCP_SERVER_APPROVAL
#   approver: maintainer
#   risk:
#     id: ASI04
#     year: 2026
#     title: Agentic Supply Chain Vulnerabilities
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), "a maintainer must approve of a call to an MCP server that is not known") if {
	of_server
	not known_server
}

calls_allowed_tool if allowed_tool(input.tool)

of_server if is_string(input.tool.server)

known_server if data.org.mcp.servers[input.tool.server]

acts if count(input.tool.actions) > 0

called := substring(object.get(input, ["tool", "name"], ""), 0, 64)
