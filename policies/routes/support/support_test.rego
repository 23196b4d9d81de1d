package routes.support_test

import data.routes.support
import data.verdict.example_test as example

codes := {reason.code | some reason in support.deny}

changed(call) := object.union(example.openai, {"call": call})

test_allowed if {
	codes == set() with input as example.openai
	codes == set() with input as example.models
	codes == set() with input as changed({"tools": []})
	codes == set() with input as changed({"provider": "anthropic", "model": "claude-haiku-4-5"})
}

test_model if {
	codes == {"MODEL_NOT_ALLOWED"} with input as changed({"fallbacks": ["default"]})
	codes == {"MODEL_NOT_ALLOWED"} with input as changed({"model": "gpt-0"})
	codes == {"MODEL_NOT_ALLOWED"} with input as changed({"model": "claude-haiku-4-5"})
	codes == {"MODEL_NOT_ALLOWED"} with input as changed({"provider": "nobody"})
}

test_token_limit_required if {
	every value in [0, null, "256"] {
		codes == {"TOKEN_LIMIT_REQUIRED"} with input as changed({"parameters": {"max_tokens": value}})
	}
	unlimited := object.remove(example.openai.call, ["parameters"])
	codes == {"TOKEN_LIMIT_REQUIRED"} with input as object.union(
		object.remove(example.openai, ["call"]),
		{"call": unlimited},
	)
}

test_token_limit if {
	codes == set() with input as changed({"parameters": {"max_tokens": 1024}})
	codes == {"TOKEN_LIMIT_EXCEEDED"} with input as changed({"parameters": {"max_tokens": 1025}})
	codes == set() with input as changed({"parameters": {"max_tokens": 512, "n": 2}})
	codes == {"TOKEN_LIMIT_EXCEEDED"} with input as changed({"parameters": {"max_tokens": 512, "n": 3}})
	codes == {"TOKEN_LIMIT_EXCEEDED"} with input as changed({"parameters": {"max_tokens": 1025, "n": -1}})
}

test_tools if {
	codes == set() with input as changed({"tools": [{"name": "lookup_order"}, {"name": "create_ticket"}]})
	codes == {"TOOL_NOT_ALLOWED"} with input as changed({"tools": [{"name": "lookup_order"}, {"name": "refund"}]})
	codes == {"TOOL_NOT_ALLOWED"} with input as changed({"tools": [{"name": "Lookup_order"}]})
	codes == {"TOOL_NOT_ALLOWED"} with input as changed({"tools": [{}]})
	codes == {"TOOL_NOT_ALLOWED"} with input as changed({"tools": [{"name": 7}]})
}
