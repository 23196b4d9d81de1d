package verdict

import data.verdict.reason

# METADATA
# title: May this tool call be made?
# description: Denies everything until the rules of this phase are written.
# entrypoint: true
tool := decision(tool_denials)

# METADATA
# title: Not governed in this version
# custom:
#   code: TOOL_CALLS_NOT_GOVERNED
tool_denials contains reason.of(
	rego.metadata.chain(),
	"tool calls are not governed in this version, so none is released by policy",
)
