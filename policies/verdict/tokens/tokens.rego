# METADATA
# title: Tokens
# description: |
#   How long the answers to a call may become, for the limits of routes. Each is false where the call does not say it in
#   numbers: ask for what must hold, and deny by its `not`.
package verdict.tokens

# METADATA
# description: |
#   The call states how long one answer may become. Rego orders strings after numbers, so the type comes first.
stated if {
	is_number(input.call.parameters.max_tokens)
	input.call.parameters.max_tokens >= 1
}

# METADATA
# description: All answers together may have that many tokens.
within(limit) if {
	stated
	input.call.parameters.max_tokens * answers <= limit
}

answers := max({1, n}) if {
	n := object.get(input.call.parameters, "n", 1)
	is_number(n)
}
