package routes.support

import data.routes.support.limits
import data.verdict.reason

# METADATA
# title: No tool is called but those on the list
# description: By the model, as a function, and of no server.
# custom:
#   code: TOOL_NOT_ALLOWED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: support-engineering
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"route policy support does not allow tool {called}") if {
	not calls_allowed_tool
}

# METADATA
# title: The arguments of a tool are short texts that it knows
# custom:
#   code: TOOL_ARGUMENTS_NOT_ALLOWED
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: support-engineering
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), $"these are no arguments of tool {called}") if {
	calls_allowed_tool
	not has_known_arguments
}

calls_allowed_tool if {
	input.tool.origin == "model"
	input.tool.type in {"function", "custom"}
	input.tool.server == null
	allowed_tool(input.tool)
	input.tool.actions == []
}

has_known_arguments if {
	is_object(input.tool.arguments)
	every key, value in input.tool.arguments {
		is_string(value)
		count(value) <= limits.arguments[input.tool.name][key]
	}
}

called := substring(object.get(input, ["tool", "name"], ""), 0, 64)
