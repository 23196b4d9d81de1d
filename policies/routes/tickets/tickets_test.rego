package routes.tickets_test

import data.routes.tickets
import data.verdict.example_test as example

denied := {reason.code | some reason in tickets.deny_tool}

with_tool(change) := object.union(example.mcp, {"tool": change})

test_requests if {
	{reason.code | some reason in tickets.deny} == {"CALL_NOT_ALLOWED"} with input as example.openai
	tickets.deny == set() with input as example.mcp
}

test_server if {
	denied == set() with input as example.mcp
	every change in [{"server": "files"}, {"server": null}, {"origin": "model"}, {"origin": "hook"}] {
		denied == {"SERVER_NOT_ALLOWED"} with input as with_tool(change)
	}
}

test_roles if {
	every type in ["function", "tools/list"] {
		call := with_tool({"name": "comment_on_ticket", "type": type})
		denied == {"TOOL_ROLE_REQUIRED"} with input as call
		denied == set() with input as example.as_maintainer(call)
	}
}
