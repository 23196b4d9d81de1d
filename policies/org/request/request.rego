# METADATA
# title: Requests
# description: What every call must have, and how large it may be.
package org.request

import data.org.request.limits
import data.verdict.reason

# METADATA
# title: The call must have been read by a provider dialect
# custom:
#   code: CALL_REQUIRED
deny contains reason.of(rego.metadata.chain(), "the call is of no governed endpoint") if not governed

# METADATA
# title: The call must name one model
# description: Model lists of routes judge the name, so there must be one.
# custom:
#   code: MODEL_REQUIRED
#   risk:
#     id: LLM03
#     year: 2025
#     title: Supply Chain
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), "the call names no model, or its name is too long") if {
	generates
	not names_model
}

# METADATA
# title: A call that generates must have messages
# custom:
#   code: MESSAGES_REQUIRED
deny contains reason.of(rego.metadata.chain(), "the call has no messages") if {
	generates
	not has_messages
}

# METADATA
# title: A call may have so many messages
# custom:
#   code: MESSAGE_LIMIT
#   risk:
#     id: LLM10
#     year: 2025
#     title: Unbounded Consumption
#     owner: platform-operations
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"a call may have {limits.messages} messages at most") if {
	count(input.call.messages) > limits.messages
}

# METADATA
# title: A call may be so large
# custom:
#   code: BODY_LIMIT
#   risk:
#     id: LLM10
#     year: 2025
#     title: Unbounded Consumption
#     owner: platform-operations
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"a call may have {limits.body_bytes} bytes at most") if {
	governed
	not small
}

# METADATA
# title: A call may ask for so many answers
# custom:
#   code: CHOICE_LIMIT
#   risk:
#     id: LLM10
#     year: 2025
#     title: Unbounded Consumption
#     owner: platform-operations
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), $"a call may ask for {limits.choices} answers at most") if {
	input.call.parameters.n > limits.choices
}

has_messages if {
	is_array(input.call.messages)
	count(input.call.messages) > 0
}

small if {
	is_number(input.call.bytes)
	input.call.bytes <= limits.body_bytes
}

lists_models if input.call.endpoint == "models"

governed if {
	input.call.provider in {"openai", "anthropic"}
	input.call.endpoint in {"models", "chat.completions", "messages", "responses"}
}

generates if not lists_models

names_model if {
	is_string(input.call.model)
	count(input.call.model) > 0
	count(input.call.model) <= limits.model_length
}
