package org.tools_test

import data.org.tools
import data.verdict.example_test as example

codes := {reason.code | some reason in tools.deny}

offering(list) := object.union(example.openai, {"call": {"tools": list}})

named(name) := {"type": "function", "name": name}

test_allowed if {
	codes == set() with input as example.openai
	codes == set() with input as example.anthropic
	codes == set() with input as offering([])
	codes == set() with input as offering([named("lookup_order"), named("Create-Ticket.2")])
}

test_limit if {
	codes == set() with input as offering([named($"t{n}") | some n in numbers.range(1, 128)])
	codes == {"TOOL_LIMIT"} with input as offering([named($"t{n}") | some n in numbers.range(0, 128)])
}

test_name if {
	every name in ["", "a b", "é", "a\n", "a/b", ["a"], null, concat("", [$"{n}" | some n in numbers.range(100, 143)])] {
		codes == {"TOOL_NAME_INVALID"} with input as offering([named(name)])
	}
	codes == {"TOOL_NAME_INVALID"} with input as offering([{"type": "function"}])
}

test_duplicate if {
	codes == {"TOOL_NAME_DUPLICATE"} with input as offering([named("a"), named("b"), named("a")])
	codes == {"TOOL_NAME_DUPLICATE"} with input as offering([named("a"), named("A")])
}

test_type if {
	every type in ["web_search_20250305", "", null] {
		codes == {"TOOL_TYPE_NOT_GOVERNED"} with input as offering([{"name": "a", "type": type}])
	}
	codes == {"TOOL_TYPE_NOT_GOVERNED"} with input as offering([{"name": "a"}])
}
