# METADATA
# title: Git
# description: Nobody rewrites or deletes a protected branch by a tool call; who may push to one at all, routes say.
package org.git

import data.verdict.git
import data.verdict.reason

# METADATA
# title: No protected branch is rewritten or deleted
# custom:
#   code: PUSH_FORCED
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "this would rewrite or delete a protected branch") if {
	some push in git.pushes
	push.forced
	git.reaches_protected(push)
}
