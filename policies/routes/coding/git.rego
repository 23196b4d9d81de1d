package routes.coding

import data.routes.coding.actions
import data.verdict.git
import data.verdict.reason

# METADATA
# title: Protected branches are pushed to by some roles
# custom:
#   code: PUSH_ROLE_REQUIRED
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: developer-experience
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), "a protected branch is for other roles than the caller's to push to") if {
	some push in git.pushes
	git.reaches_protected(push)
	not has_role(actions.push_protected)
}

# METADATA
# title: A push whose end is not plain needs an approval
# description: Where it goes is not known or not on the list, or a branch would be rewritten or deleted.
# custom:
#   code: PUSH_APPROVAL
#   approver: maintainer
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), "a maintainer must approve of a push to where it is not plain") if {
	some push in git.pushes
	not is_plain_push(push)
}

is_plain_push(push) if {
	push.known
	not push.forced
	push.remote in actions.remotes
}
