# METADATA
# title: Identity
# description: Every call is made by somebody.
package org.identity

import data.verdict.reason

# METADATA
# title: The caller must be known
# custom:
#   code: SUBJECT_REQUIRED
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: platform-security
#     treatment: mitigate
deny contains reason.of(rego.metadata.chain(), "the call names no verified subject") if not known

# METADATA
# title: The caller of a tool must be known
# custom:
#   code: SUBJECT_REQUIRED
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: platform-security
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), "the tool call names no verified subject") if not known

known if {
	is_string(input.subject.id)
	input.subject.id != ""
	input.subject.verified_at
}
