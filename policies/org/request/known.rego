package org.request

import data.org.request.betas
import data.org.request.fields
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

knows_fields if {
	is_array(input.call.fields)
	every field in input.call.fields {
		field in fields[input.call.provider]
	}
}

# Inputs recorded before there was such a field are still decided as they were.
knows_betas if not "betas" in object.keys(input.call)

knows_betas if {
	is_array(input.call.betas)
	every beta in input.call.betas {
		beta in betas[input.call.provider]
	}
}

# A call with thousands of fields need not be looked through: the first of them that is unknown comes early, because the
# list is shorter than this.
unknown_field := [field |
	some field in array.slice(input.call.fields, 0, 100)
	not field in fields[input.call.provider]
][0]

unknown_beta := [beta | some beta in input.call.betas; not beta in betas[input.call.provider]][0]
