package verdict_test

import data.verdict
import data.verdict.example_test as example

packages(tree) := {name | some name in object.keys(tree); not endswith(name, "_test")}

codes(decision) := [reason.code | some reason in decision.reasons]

test_allows_what_no_rule_denies if {
	every call in [example.openai, example.anthropic, example.models] {
		verdict.request == {"effect": "allow", "reasons": [], "obligations": []} with input as call
	}
}

test_deny_wins_and_reasons_are_sorted if {
	changed := object.union(example.openai, {"subject": null, "call": {"model": "gpt-0"}})
	decision := verdict.request with input as changed
	decision.effect == "deny"
	codes(decision) == ["MODEL_NOT_ALLOWED", "SUBJECT_REQUIRED"]
}

test_unknown_route_policy if {
	decision := verdict.request with input as object.union(example.openai, {"route": {"policy": "nobody"}})
	decision.effect == "deny"
	codes(decision) == ["ROUTE_POLICY_UNKNOWN"]
}

test_no_route if {
	decision := verdict.request with input as object.union(example.openai, {"route": null})
	codes(decision) == ["ROUTE_POLICY_UNKNOWN"]
}

test_another_phase if {
	decision := verdict.request with input as object.union(example.openai, {"phase": "tool"})
	codes(decision) == ["INPUT_NOT_UNDERSTOOD"]
}

test_another_version if {
	decision := verdict.request with input as object.union(example.openai, {"v": 2})
	codes(decision) == ["INPUT_NOT_UNDERSTOOD"]
}

test_undefined_input_is_denied if {
	decision := verdict.request
	decision.effect == "deny"
	"INPUT_NOT_UNDERSTOOD" in codes(decision)
	"ROUTE_POLICY_UNKNOWN" in codes(decision)
}

# A topic whose rules go by another name, or a route whose `deny` is no set, would deny nothing.
test_every_topic_and_route_denies_by_a_set if {
	every topic in packages(data.org) {
		is_set(data.org[topic].deny)
	}
	every route in packages(data.routes) {
		is_set(data.routes[route].deny)
	}
}

test_every_topic_is_asked if {
	every topic in packages(data.org) {
		reason := {"code": "X", "message": topic}
		decision := verdict.request with data.org as {topic: {"deny": {reason}}} with input as example.openai
		decision.reasons == [reason]
	}
}

test_a_policy_that_denies_by_no_set_is_none if {
	decision := verdict.request with data.routes.support.deny as "no" with input as example.openai
	codes(decision) == ["ROUTE_POLICY_UNKNOWN"]
}

test_tool_calls_are_not_governed_yet if {
	decision := verdict.tool with input as object.union(example.openai, {"phase": "tool"})
	decision.effect == "deny"
	codes(decision) == ["TOOL_CALLS_NOT_GOVERNED"]
}

test_responses_are_not_governed_yet if {
	decision := verdict.response with input as object.union(example.openai, {"phase": "response"})
	decision.effect == "deny"
	codes(decision) == ["RESPONSES_NOT_GOVERNED"]
}
