package org.mcp_test

import data.org.mcp
import data.verdict.example_test as example

codes := {reason.code | some reason in mcp.deny_tool}

calling(change) := object.union(example.mcp, {"tool": change})

test_allowed if {
	every call in [example.proposed, example.run, example.read, example.mcp] {
		codes == set() with input as call
	}
	codes == set() with input as calling({"name": "get_ticket", "description_sha256": null})
	codes == set() with input as calling({"name": "tickets://17", "type": "resources/read"})
}

test_changed if {
	every digest in ["0000000000000000000000000000000000000000000000000000000000000000", "", null] {
		codes == {"TOOL_CHANGED"} with input as calling({"description_sha256": digest})
	}
	hook := {"origin": "hook", "name": "mcp__tickets__search_tickets", "description_sha256": null}
	codes == set() with input as calling(hook)
}

test_not_allowed if {
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": "delete_ticket"})
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": "mcp__tickets__delete_ticket", "origin": "hook"})
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": "MCP:delete_ticket", "origin": "hook"})
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": "sampling/createMessage", "type": "sampling/createMessage"})
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": 7})
}

test_protocol if {
	codes == set() with input as calling({"name": "initialize", "type": "protocol"})
	codes == set() with input as calling({"name": "search_tickets", "type": "protocol", "description_sha256": null})
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": "initialize", "type": "protocol", "origin": "hook"})
}

# What is sent to a server is called by its own name.
test_prefixes_over_mcp if {
	every name in ["mcp__tickets__get_ticket", "MCP:get_ticket"] {
		codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": name, "description_sha256": null})
		codes == {"MCP_NOT_ALLOWED"} with input as calling({"name": name, "type": "tools/list"})
	}
}

test_tasks if {
	every method in ["tasks/get", "tasks/result", "tasks/update", "tasks/cancel", "tasks/list"] {
		every server in ["tickets", "unknown"] {
			call := calling({"name": method, "type": method, "server": server, "description_sha256": null})
			codes == {"MCP_NOT_ALLOWED"} with input as call with mcp.servers as {}
			codes == set() with input as call with mcp.servers as {server: {"methods": [method]}}
			codes == {"MCP_NOT_ALLOWED"} with input as call with mcp.servers as {server: {"methods": ["resources/read"]}}
			codes == {"MCP_NOT_ALLOWED"} with input as call with mcp.servers as {server: {"tools": [method]}}
		}
	}
}

test_subscriptions if {
	subscribing := calling({"name": "tickets://17", "type": "resources/subscribe", "description_sha256": null})
	codes == set() with input as subscribing
	codes == {"MCP_NOT_ALLOWED"} with input as subscribing with mcp.servers as {"tickets": {"methods": []}}
}

test_listed if {
	codes == set() with input as calling({"type": "tools/list"})
	codes == {"TOOL_CHANGED"} with input as calling({"type": "tools/list", "description_sha256": "00"})
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"type": "tools/list", "name": "delete_ticket"})
	every type in ["prompts/list", "resources/list", "resources/templates/list"] {
		codes == set() with input as calling({"type": type, "name": "search_tickets", "description_sha256": null})
	}
	codes == {"MCP_NOT_ALLOWED"} with input as calling({"type": "roots/list", "name": "roots/list"})
}

test_names_of_agents if {
	codes == set() with input as calling({"name": "mcp__tickets__get_ticket", "origin": "hook"})
	codes == set() with input as calling({"name": "MCP:get_ticket", "origin": "hook"})
}

test_other_servers if {
	codes == set() with input as calling({"server": "unknown", "name": "delete_ticket"})
}

test_what_is_refused_is_named if {
	every change, text in {
		{"name": "delete_ticket"}: "server tickets is not for tool delete_ticket; what it is for stands in org/mcp/data.yaml",
		{"name": "mcp__tickets__delete_ticket", "origin": "hook"}: "server tickets is not for tool delete_ticket; what it is for stands in org/mcp/data.yaml",
		{"name": "tasks/get", "type": "tasks/get"}: "server tickets is not for tasks/get; what it is for stands in org/mcp/data.yaml",
	} {
		{reason.message | some reason in mcp.deny_tool} == {text} with input as calling(change)
	}

	# The address of a resource is an argument.
	every reason in mcp.deny_tool {
		not contains(reason.message, "secret")
	} with input as calling({"name": "tickets://secret", "type": "resources/read"}) with mcp.servers as {"tickets": {}}
}
