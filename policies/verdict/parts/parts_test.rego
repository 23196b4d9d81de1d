package verdict.parts_test

import data.verdict.example_test as example
import data.verdict.parts

file := {"kind": "file", "access": "read", "path": "a", "place": "workspace"}

called(change) := name if {
	name := parts.tool with input as object.union(example.mcp, {"tool": change})
}

test_names_of_agents if {
	every name in ["mcp__tickets__get_ticket", "MCP:get_ticket", "get_ticket"] {
		called({"name": name, "origin": "hook"}) == "get_ticket"
	}
	called({"name": "mcp__files__get_ticket", "origin": "hook"}) == "mcp__files__get_ticket"
	called({"name": "MCP:mcp__tickets__get_ticket", "origin": "hook"}) == "mcp__tickets__get_ticket"
}

test_names_over_mcp_and_of_models if {
	every name in ["mcp__tickets__get_ticket", "MCP:get_ticket", "get_ticket"] {
		every origin in ["mcp", "model"] {
			called({"name": name, "origin": origin}) == name
		}
	}
}

test_files_and_words if {
	acting := example.acting([file, example.command(["ls", "-l"], []), {"kind": "command", "words": [7, "b"]}])
	parts.files == [file] with input as acting
	parts.words == ["ls", "-l", "b"] with input as acting
	parts.files == [] with input as example.openai
	parts.words == [] with input as example.openai
}

test_texts_where_no_action_tells if {
	arguments := {"a": ["b", 7, {"c": "d"}]}
	asking := object.union(example.mcp, {"tool": {"arguments": arguments}})
	sort(parts.texts) == ["b", "cart total", "d", "git status"] with input as asking
	parts.texts == [] with input as example.run
}
