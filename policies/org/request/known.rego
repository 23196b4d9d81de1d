package org.request

import data.org.request.betas
import data.org.request.fields
import data.org.request.kept_by_vendor
import data.verdict.reason

# METADATA
# title: The body may have fields on the list only
# description: What else a vendor understands, today or tomorrow, could hold text or switch on what no rule judges.
# custom:
#   code: FIELD_NOT_ALLOWED
#   risk:
#     id: LLM10
#     year: 2025
#     title: Unbounded Consumption
#     owner: platform-security
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), $"field {substring(unknown_field, 0, 64)} is not allowed") if {
	governed
	not knows_fields
}

# METADATA
# title: A header may ask for beta features on the list only
# description: They change what a call does and costs.
# custom:
#   code: BETA_NOT_ALLOWED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: platform-security
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), $"beta feature {substring(unknown_beta, 0, 64)} is not allowed") if {
	governed
	not knows_betas
}

# METADATA
# title: A call must bring along what it is about
# description: |
#   What a vendor keeps (an earlier response, a conversation, a stored prompt) is in no input, so no rule judges it; and the
#   answer to a call in the background is fetched past every rule.
# custom:
#   code: CONTEXT_NOT_GOVERNED
#   risk:
#     id: LLM06
#     year: 2025
#     title: Excessive Agency
#     owner: platform-security
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), "the call is about what the vendor keeps, where no rule can judge it") if {
	is_response
	is_kept_by_vendor
}

# METADATA
# title: A response is not kept by the vendor
# description: It is unless `store` is false. Off by default, because vendors' SDKs do not say so by themselves.
# custom:
#   code: RESPONSE_KEPT
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: platform-security
#     treatment: avoid
deny contains reason.of(rego.metadata.chain(), "state store: false, so that the vendor keeps no text") if {
	is_response
	not kept_by_vendor.responses
	not forgets
}

forgets if input.body.store == false

is_response if input.call.endpoint == "responses"

is_kept_by_vendor if {
	some field in kept_by_vendor.fields
	field in input.call.fields
}

is_kept_by_vendor if {
	some message in input.call.messages
	some kind in message.kinds
	kind in kept_by_vendor.kinds
}

known_fields := fields.responses if is_response

known_fields := fields[input.call.provider] if not is_response

knows_fields if {
	is_array(input.call.fields)
	every field in input.call.fields {
		field in known_fields
	}
}

# Inputs recorded before there was such a field are still decided as they were.
knows_betas if {
	asked := object.get(input.call, "betas", [])
	is_array(asked)
	every beta in asked {
		beta in betas[input.call.provider]
	}
}

# A call with thousands of fields need not be looked through: the first of them that is unknown comes early, because the
# list is shorter than this.
unknown_field := [field |
	some field in array.slice(input.call.fields, 0, 100)
	not field in known_fields
][0]

unknown_beta := [beta | some beta in input.call.betas; not beta in betas[input.call.provider]][0]
