package org.tools_test

import data.org.tools
import data.verdict.example_test as example

denied := {reason.code | some reason in tools.deny_tool}

asked := {reason.code | some reason in tools.approve_tool}

calling(change) := object.union(example.proposed, {"tool": change})

opaque(why) := example.acting([{"kind": "opaque", "why": why}])

test_call_allowed if {
	every call in [example.proposed, example.run, example.read, example.mcp, example.reaching("github.com")] {
		denied == set() with input as call
		asked == set() with input as call
	}
	denied == set() with input as calling({"name": "MCP:search/tickets", "type": "custom"})
	denied == set() with input as calling({"name": "file:///a b", "type": "resources/read"})
}

test_call_name if {
	every name in ["", "a b", "é", "a\n", null, 7, concat("", [$"{n}" | some n in numbers.range(100, 190)])] {
		denied == {"TOOL_NAME_INVALID"} with input as calling({"name": name})
	}
	denied == {"TOOL_NAME_INVALID"} with input as calling({"name": "", "type": "resources/read"})
	every type in ["", null, 7] {
		denied == {"TOOL_NAME_INVALID"} with input as calling({"type": type})
	}
}

test_call_without_arguments if {
	unseen := object.union(
		object.remove(example.proposed, ["tool"]),
		{"tool": object.remove(example.proposed.tool, ["arguments"])},
	)
	denied == {"TOOL_ARGUMENTS_REQUIRED"} with input as unseen
	denied == set() with input as unseen with data.org.tools.limits.unseen as ["lookup_order"]
	denied == set() with input as calling({"arguments": null})
}

test_unknown_actions if {
	good := {"kind": "command", "words": ["ls"], "via": [], "dynamic": false, "piped": false}
	every action in [
		{},
		null,
		"ls",
		{"kind": "registry"},
		{"kind": "command"},
		object.union(good, {"words": []}),
		object.union(good, {"words": [7]}),
		object.union(good, {"words": ["ls", null]}),
		object.union(good, {"words": "ls"}),
		object.union(good, {"via": [7]}),
		object.union(good, {"via": null}),
		object.union(good, {"piped": null}),
		{"kind": "file", "access": "read", "path": 7, "place": "workspace"},
		{"kind": "file", "access": "run", "path": "a", "place": "workspace"},
		{"kind": "file", "access": "read", "path": "a", "place": "here"},
		{"kind": "network", "host": null},
		{"kind": "opaque"},
	] {
		denied == {"TOOL_ACTION_UNKNOWN"} with input as example.acting([good, action])
	}
	every actions in [null, "ls", {"a": good}] {
		denied == {"TOOL_ACTION_UNKNOWN"} with input as example.acting(actions)
	}
}

test_opaque if {
	denied == {"TOOL_CALL_OPAQUE"} with input as opaque("code_from_pipe")
	asked == set() with input as opaque("code_from_pipe")
	denied == set() with input as opaque("inline_code")
	asked == {"OPAQUE_CALL_CONFIRMATION"} with input as opaque("inline_code")
	asked == {"OPAQUE_CALL_APPROVAL"} with input as object.union(opaque("inline_code"), {"http": {"path": "/v1/hooks/codex"}})
	asked == {"OPAQUE_CALL_APPROVAL"} with input as opaque("environment")
	asked == {"OPAQUE_CALL_APPROVAL"} with input as opaque("of a kind to come")
}
