package org.tools

import data.org.tools.limits
import data.verdict.person
import data.verdict.reason

# METADATA
# title: A tool must be called by a plain name
# description: What has no name of its own, such as a resource, goes by its address.
# custom:
#   code: TOOL_NAME_INVALID
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), "the call names no tool, or not by a plain name") if not is_named

# METADATA
# title: A tool call must come with its arguments
# description: Where policy gets no text, nothing tells what the call would do.
# custom:
#   code: TOOL_ARGUMENTS_REQUIRED
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "no arguments are given that could be judged") if not can_be_judged

# METADATA
# title: What a tool call would do must be of a kind that rules know
# description: An action of another shape would pass by every rule.
# custom:
#   code: TOOL_ACTION_UNKNOWN
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "the call has an action that no rule judges") if not knows_actions

# METADATA
# title: Some of what cannot be read is never run
# custom:
#   code: TOOL_CALL_OPAQUE
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"what this would do cannot be told: {why}") if {
	why := min({action.why | some action in opaque; action.why in limits.opaque_denied})
}

# METADATA
# title: What else cannot be read needs an approval
# custom:
#   code: OPAQUE_CALL_APPROVAL
#   approver: maintainer
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: platform-security
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"a maintainer must approve what cannot be told: {why}") if {
	why := min({substring(action.why, 0, 64) |
		some action in opaque
		not action.why in limits.opaque_denied
		not is_confirmed(action)
	})
}

# METADATA
# title: Code that stands in a command may be right to the person before the agent
# custom:
#   code: OPAQUE_CALL_CONFIRMATION
#   approver: caller
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: platform-security
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"what this would do cannot be told: {why}") if {
	why := min({action.why | some action in opaque; is_confirmed(action)})
}

is_confirmed(action) if {
	person.is_asked
	action.why in limits.opaque_confirmed
}

opaque := [action |
	some action in input.tool.actions
	action.kind == "opaque"
]

is_named if {
	input.tool.type in {"function", "custom"}
	is_string(input.tool.name)
	count(input.tool.name) <= 256
	input.tool.name != ""
	trim_left(input.tool.name, call_characters) == ""
}

is_named if {
	is_string(input.tool.type)
	not input.tool.type in {"", "function", "custom"}
	is_string(input.tool.name)
	input.tool.name != ""
}

# Agents write the server of an MCP tool in front of its name.
call_characters := concat("", [plain_characters, ":/"])

can_be_judged if "arguments" in object.keys(input.tool)

can_be_judged if input.tool.name in limits.unseen

knows_actions if {
	is_array(input.tool.actions)
	every action in input.tool.actions {
		is_known(action)
	}
}

is_known(action) if {
	action.kind == "command"
	is_array(action.words)
	is_array(action.via)
	is_boolean(action.piped)
	count(action.words) > 0
	is_string(concat(" ", action.words)) # so that each is a string
	is_string(concat(" ", action.via))
}

is_known(action) if {
	action.kind == "file"
	is_string(action.path)
	action.access in {"read", "write", "delete"}
	action.place in {"workspace", "outside", "unknown"}
}

is_known(action) if {
	action.kind == "network"
	is_string(action.host)
}

is_known(action) if {
	action.kind == "opaque"
	is_string(action.why)
}
