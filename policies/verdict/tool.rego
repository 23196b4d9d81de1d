package verdict

import data.verdict.reason

# METADATA
# title: May this tool call be made?
# description: |
#   Every rule of the organisation and every rule of the route's policy for tool calls must pass. What remains are
#   questions: rules that let the call pass if somebody with the role that they name approves of it, or the person
#   before the agent where they name `caller`.
# entrypoint: true
tool := decision_or_question(tool_denials, open_questions)

tool_denials contains denial if some denial in data.org[_].deny_tool

tool_denials contains denial if some denial in data.routes[input.route.policy].deny_tool

# A question that nobody can answer is a denial.
tool_denials contains question if {
	some question in questions
	not names_role(question)
}

questions contains question if some question in data.org[_].approve_tool

questions contains question if some question in data.routes[input.route.policy].approve_tool

open_questions contains question if {
	some question in questions
	names_role(question)
	not answered(question)
}

# METADATA
# title: The input must be a tool call of the version that these policies were written for
# custom:
#   code: INPUT_NOT_UNDERSTOOD
tool_denials contains reason.of(rego.metadata.chain(), "expected an input of version 1 in phase tool") if {
	not understands_tool
}

# METADATA
# title: The route's policy must have rules for tool calls
# description: Rules for requests judge no tool call; without a set of its own, nothing would deny.
# custom:
#   code: TOOL_POLICY_MISSING
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
tool_denials contains reason.of(rego.metadata.chain(), "the route has no policy that judges tool calls") if {
	not has_tool_policy
}

understands_tool if {
	understands("tool")
	is_object(input.tool)
}

has_tool_policy if {
	is_set(data.routes[input.route.policy].deny_tool)
	not asks_by_no_set
}

# `approve_tool` may be missing. One that is no set, by some mistake, would ask nothing.
asks_by_no_set if {
	questions_of_route := data.routes[input.route.policy].approve_tool
	not is_set(questions_of_route)
}

names_role(question) if {
	is_string(question.role)
	question.role != ""
}

# The gateway has checked that the approval is of this very call, and that the caller did not give it to themselves.
answered(question) if input.tool.approval.by.role == question.role

# Somebody else's word is worth more than the caller's own.
answered(question) if {
	question.role == caller
	is_object(input.tool.approval)
}
