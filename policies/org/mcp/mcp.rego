# METADATA
# title: MCP servers
# description: What the servers that the organisation knows may be asked for, and may ask.
package org.mcp

import data.org.mcp.pinned
import data.org.mcp.servers
import data.verdict.parts
import data.verdict.reason

# METADATA
# title: A tool must be what it was when its description was read by somebody
# description: A server that changes the description changes what the model does ("rug pull").
# custom:
#   code: TOOL_CHANGED
#   risk:
#     id: ASI04
#     year: 2026
#     title: Agentic Supply Chain Vulnerabilities
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"tool {substring(parts.tool, 0, 64)} is not as it was pinned, or not listed yet") if {
	names_tool
	digest := pinned[input.tool.server][parts.tool]
	not has_description(digest)
}

# METADATA
# title: A known server may be asked for what its list says
# description: |
#   Others for what the route says, but not for tasks: to a server all callers are the gateway's one account, so whoever
#   knows or guesses the id of somebody else's task could read and end it.
# custom:
#   code: MCP_NOT_ALLOWED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"server {substring(input.tool.server, 0, 64)} is not for {asked_for}; what it is for stands in org/mcp/data.yaml") if {
	is_judged
	not is_allowed
}

# Never the address of a resource: it is an argument.
asked_for := $"tool {substring(parts.tool, 0, 64)}" if names_tool

asked_for := substring(input.tool.type, 0, 64) if not names_tool

is_judged if servers[input.tool.server]

is_judged if names_task

is_allowed if allows(servers[input.tool.server])

# What the protocol itself needs: sessions, lists as such, cancellations, answers to what was asked.
allows(_) if {
	input.tool.type == "protocol"
	input.tool.origin == "mcp"
}

allows(listed) if {
	names_tool
	parts.tool in listed.tools
}

# Resources, prompts, tasks, and what a server asks of its client.
allows(listed) if {
	not names_tool
	method in listed.methods
}

# A call of a tool, or that it stands in the server's list.
names_tool if input.tool.type in {"function", "tools/list"}

names_task if {
	input.tool.origin == "mcp"
	startswith(input.tool.type, "tasks/")
}

# Whoever may use something may see it listed, and hear that it changes.
method := object.get(uses, input.tool.type, input.tool.type)

uses := {
	"prompts/list": "prompts/get",
	"resources/list": "resources/read",
	"resources/subscribe": "resources/read",
	"resources/templates/list": "resources/read",
}

has_description(digest) if input.tool.description_sha256 == digest

# A hook cannot tell: agents do not hand the description over.
has_description(_) if input.tool.origin == "hook"
