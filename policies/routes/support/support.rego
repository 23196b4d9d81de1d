# METADATA
# title: Customer support
# description: Small models, short answers, and two tools.
package routes.support

import data.routes.support.limits
import data.verdict.reason
import data.verdict.tokens

# METADATA
# title: The model must be on the list
# description: And so must each that may answer in its place.
# custom:
#   code: MODEL_NOT_ALLOWED
#   risk:
#     id: LLM03
#     year: 2025
#     title: Supply Chain
#     owner: support-engineering
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"route policy support does not allow model {substring(model, 0, 64)}") if {
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
#     owner: support-engineering
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"state max_tokens, {limits.max_tokens} at most") if {
	generates
	not tokens.stated
}

# METADATA
# title: The answers together must be short
# custom:
#   code: TOKEN_LIMIT_EXCEEDED
#   risk:
#     id: LLM10
#     year: 2025
#     title: Unbounded Consumption
#     owner: support-engineering
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
#     owner: support-engineering
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), $"route policy support does not allow tool {substring(name, 0, 64)}") if {
	name := min({object.get(tool, "name", "") | some tool in input.call.tools; not allowed_tool(tool)})
}

models contains object.get(input, ["call", "model"], "") if generates

models contains input.call.fallbacks[_]

allowed_model(model) if model in limits.models[input.call.provider]

allowed_tool(tool) if tool.name in limits.tools

lists_models if input.call.endpoint == "models"

generates if not lists_models
