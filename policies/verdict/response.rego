package verdict

import data.verdict.reason

# METADATA
# title: May this response reach the caller?
# description: Denies everything until the rules of this phase are written.
# entrypoint: true
response := decision(response_denials)

# METADATA
# title: Not governed in this version
# custom:
#   code: RESPONSES_NOT_GOVERNED
response_denials contains reason.of(
	rego.metadata.chain(),
	"responses are not governed in this version, so none is released by policy",
)
