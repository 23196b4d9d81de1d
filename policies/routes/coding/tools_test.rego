package routes.coding_test

import data.routes.coding
import data.verdict.example_test as example

denied := {reason.code | some reason in coding.deny_tool}

asked := {reason.code | some reason in coding.approve_tool}

with_tool(change) := object.union(example.run, {"tool": change})

test_calls_allowed if {
	every call in [example.run, example.read, example.mcp, example.as_maintainer(example.run)] {
		denied == set() with input as call
		asked == set() with input as call
	}
}

test_caller if {
	every subject in [null, {"roles": ["auditor"]}, {"roles": null}] {
		"ROLE_REQUIRED" in denied with input as object.union(example.run, {"subject": subject})
	}
	denied == {"ROLE_REQUIRED"} with input as object.union(example.mcp, {"subject": null})
}

test_called_tool if {
	every name in ["delete_repository", "", 7, null] {
		denied == {"TOOL_NOT_ALLOWED"} with input as with_tool({"name": name})
	}
	"TOOL_NOT_ALLOWED" in denied with input as object.union(example.openai, {"phase": "tool"})
}

test_called_tool_role if {
	denied == {"TOOL_ROLE_REQUIRED"} with input as with_tool({"name": "shell"})
	denied == set() with input as example.as_maintainer(with_tool({"name": "shell"}))
}

test_not_understood if {
	every actions in [[], null] {
		denied == {"TOOL_CALL_NOT_UNDERSTOOD"} with input as with_tool({"actions": actions})
	}
	denied == set() with input as with_tool({"name": "TodoWrite", "actions": []})
}

test_servers if {
	asked == {"MCP_SERVER_APPROVAL"} with input as with_tool({"server": "unknown", "name": "search"})
	asked == {"MCP_SERVER_APPROVAL"} with input as with_tool({"server": "", "name": "search"})
}
