# METADATA
# title: Tools
# description: What tool definitions in a request must be for the rules of a route to judge them.
package org.tools

import data.org.tools.limits
import data.verdict.reason

# METADATA
# title: A request may offer so many tools
# custom:
#   code: TOOL_LIMIT
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"a request may offer {limits.tools} tools at most") if {
	count(input.call.tools) > limits.tools
}

# METADATA
# title: Every tool must have a plain name
# description: Letters, digits, '_', '-' and '.', 128 at most, so that one name is not written in two ways.
# custom:
#   code: TOOL_NAME_INVALID
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"tool {position} has no plain name") if {
	position := min({i | some i, tool in input.call.tools; not plain(tool)})
}

# METADATA
# title: No two tools may have one name
# description: Which of the two a model or its caller takes is not defined, so a rule may have judged the other.
# custom:
#   code: TOOL_NAME_DUPLICATE
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), "two tools have the same name") if {
	names := [lower(tool.name) | some tool in input.call.tools]
	count(names) > count({name | some name in names})
}

# METADATA
# title: A tool must be one that the caller runs
# custom:
#   code: TOOL_TYPE_NOT_GOVERNED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: platform-security
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), $"tool {position} is run by the provider, where no call can be governed") if {
	position := min({i | some i, tool in input.call.tools; not run_by_caller(tool)})
}

# Nothing is left when every character is a plain one. A regular expression says it more directly, and takes five times
# as long as the rest of the decision, because WebAssembly compiles it anew each time.
plain(tool) if {
	count(tool.name) >= 1
	count(tool.name) <= 128
	trim_left(tool.name, plain_characters) == ""
}

plain_characters := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

run_by_caller(tool) if tool.type in data.org.tools.caller_run
