# METADATA
# title: Data
# description: What the texts of a call may hold, by the labels of classification.
package org.data

import data.verdict.reason

# METADATA
# title: Secrets never leave
# custom:
#   code: SECRET_IN_TEXT
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), "the text holds a secret") if holds("secret", data.org.data.least_confidence)

# METADATA
# title: Secrets are not handed to tools
# custom:
#   code: SECRET_IN_ARGUMENTS
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), "the arguments hold a secret") if {
	holds("secret", data.org.data.least_confidence)
}

# METADATA
# title: Data on health only where it is meant to be
# custom:
#   code: HEALTH_DATA
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), "the route is not for data on health") if {
	holds("health", data.org.data.least_confidence)
	not input.route.policy in data.org.data.health_policies
}

# METADATA
# title: What a tool gave back instructs nobody
# description: |
#   A model that has tools may do what a text tells it. In what a tool gave back, and in text that people cannot see, an
#   instruction is not the user's.
# custom:
#   code: INJECTION_WITH_TOOLS
#   risk:
#     id: LLM01
#     year: 2025
#     title: Prompt Injection
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), "a text tries to instruct a model that has tools") if {
	count(input.call.tools) > 0
	some label in input.labels
	label.confidence >= data.org.data.least_confidence
	is_foreign(label)
}

holds(kind, confidence) if {
	some label in input.labels
	is_of(label, kind)
	label.confidence >= confidence
}

is_of(label, kind) if label.kind == kind

is_of(label, kind) if startswith(label.kind, concat("", [kind, "."]))

is_foreign(label) if {
	label.kind == "prompt_injection"
	label.where.role in {"tool", "document"}
}

is_foreign(label) if label.kind == "hidden_text.tags"
