# METADATA
# title: Developer tooling
# description: Large models for people who write software; some tools only for those who answer for a repository.
package routes.coding

import data.routes.coding.limits
import data.verdict.reason
import data.verdict.tokens

# METADATA
# title: The caller must be a developer
# custom:
#   code: ROLE_REQUIRED
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: developer-experience
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), "route policy coding is for other roles than the caller's") if {
	not has_role(limits.roles)
}

# METADATA
# title: The model must be on the list
# description: And so must each that may answer in its place.
# custom:
#   code: MODEL_NOT_ALLOWED
#   risk:
#     id: LLM03
#     year: 2025
#     title: Supply Chain
#     owner: developer-experience
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"route policy coding does not allow model {substring(model, 0, 64)}") if {
	model := min({model | some model in models; not allowed_model(model)})
}

# METADATA
# title: The answer must be limited
# custom:
#   code: TOKEN_LIMIT_REQUIRED
#   risk:
#     id: LLM10
#     year: 2025
#     title: Unbounded Consumption
#     owner: developer-experience
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"state max_tokens, {limits.max_tokens} at most") if {
	generates
	not tokens.stated
}

# METADATA
# title: The answers together may be so long
# custom:
#   code: TOKEN_LIMIT_EXCEEDED
#   risk:
#     id: LLM10
#     year: 2025
#     title: Unbounded Consumption
#     owner: developer-experience
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"the answers may have {limits.max_tokens} tokens together") if {
	tokens.stated
	not tokens.within(limits.max_tokens)
}

# METADATA
# title: No tools but those on the list
# custom:
#   code: TOOL_NOT_ALLOWED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: developer-experience
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), $"route policy coding does not allow tool {substring(name, 0, 64)}") if {
	name := min({object.get(tool, "name", "") | some tool in input.call.tools; not allowed_tool(tool)})
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
deny contains reason.of(rego.metadata.chain(), $"tool {substring(name, 0, 64)} is for other roles than the caller's") if {
	name := min({tool.name |
		some tool in input.call.tools
		roles := limits.tools[tool.name]
		not has_role(roles)
	})
}

models contains object.get(input, ["call", "model"], "") if generates

models contains input.call.fallbacks[_]

allowed_model(model) if model in limits.models[input.call.provider]

allowed_tool(tool) if limits.tools[tool.name]

lists_models if input.call.endpoint == "models"

has_role(roles) if {
	some role in input.subject.roles
	role in roles
}

generates if not lists_models
