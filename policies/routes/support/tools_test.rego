package routes.support_test

import data.routes.support
import data.verdict.example_test as example

denied := {reason.code | some reason in support.deny_tool}

with_tool(change) := object.union(example.proposed, {"tool": change})

test_calls_allowed if {
	denied == set() with input as example.proposed
	denied == set() with input as with_arguments("lookup_order", {})
	denied == set() with input as with_arguments("create_ticket", {"order": "A-17", "subject": "Late", "text": "Where is it?"})
}

test_calls_of_other_tools if {
	every name in ["refund", "Lookup_order", "", 7, null] {
		denied == {"TOOL_NOT_ALLOWED"} with input as with_tool({"name": name})
	}
	every change in [
		{"origin": "mcp"},
		{"origin": "hook"},
		{"server": "tickets"},
		{"type": "shell_call"},
		{"actions": [{"kind": "command", "words": ["ls"], "via": [], "dynamic": false, "piped": false}]},
		{"actions": null},
	] {
		denied == {"TOOL_NOT_ALLOWED"} with input as with_tool(change)
	}
}

test_arguments if {
	long := concat("", [$"{n}" | some n in numbers.range(10, 40)])
	every arguments in [
		{"order": long},
		{"order": 17},
		{"order": null},
		{"order": ["A-17"]},
		{"order": "A-17", "sql": "drop table orders"},
		{"subject": "Late"},
		["A-17"],
		"A-17",
		null,
	] {
		denied == {"TOOL_ARGUMENTS_NOT_ALLOWED"} with input as with_arguments("lookup_order", arguments)
	}
	unseen := object.remove(example.proposed.tool, ["arguments"])
	denied == {"TOOL_ARGUMENTS_NOT_ALLOWED"} with input as object.union(
		object.remove(example.proposed, ["tool"]),
		{"tool": unseen},
	)
}

with_arguments(name, arguments) := object.union(object.remove(example.proposed, ["tool"]), {"tool": object.union(
	object.remove(example.proposed.tool, ["arguments"]),
	{"name": name, "arguments": arguments},
)})
