package routes.coding_test

import data.routes.coding
import data.verdict.example_test as example

codes := {reason.code | some reason in coding.deny}

changed(call) := object.union(example.anthropic, {"call": call})

maintainer := {"subject": {"roles": ["auditor", "maintainer"]}}

test_allowed if {
	codes == set() with input as example.anthropic
	codes == set() with input as changed({"provider": "openai", "model": "gpt-5.1-codex"})
	codes == set() with input as object.union(example.models, {"route": {"policy": "coding"}})
	codes == set() with input as object.union(example.anthropic, maintainer)
}

test_role if {
	codes == {"ROLE_REQUIRED"} with input as object.union(example.models, {"subject": {"roles": ["auditor"]}})
	codes == {"ROLE_REQUIRED"} with input as object.union(example.models, {"subject": null})
}

test_model if {
	codes == {"MODEL_NOT_ALLOWED"} with input as changed({"fallbacks": ["default"]})
	codes == {"MODEL_NOT_ALLOWED"} with input as changed({"model": "gpt-4o-mini"})
	codes == {"MODEL_NOT_ALLOWED"} with input as changed({"model": null})
}

test_token_limit_required if {
	every value in [0, null, "9"] {
		codes == {"TOKEN_LIMIT_REQUIRED"} with input as changed({"parameters": {"max_tokens": value}})
	}
	unlimited := object.union(object.remove(example.anthropic.call, ["parameters"]), {"parameters": {}})
	codes == {"TOKEN_LIMIT_REQUIRED"} with input as object.union(
		object.remove(example.anthropic, ["call"]),
		{"call": unlimited},
	)
}

test_token_limit if {
	codes == set() with input as changed({"parameters": {"max_tokens": 64000}})
	codes == {"TOKEN_LIMIT_EXCEEDED"} with input as changed({"parameters": {"max_tokens": 64001}})
	codes == set() with input as changed({"parameters": {"max_tokens": 32000, "n": 2}})
	codes == {"TOKEN_LIMIT_EXCEEDED"} with input as changed({"parameters": {"max_tokens": 32000, "n": 3}})
}

test_tools if {
	codes == set() with input as changed({"tools": [{"name": "read_file"}, {"name": "run_tests"}]})
	codes == {"TOOL_NOT_ALLOWED"} with input as changed({"tools": [{"name": "read_file"}, {"name": "pay_invoice"}]})
	codes == {"TOOL_NOT_ALLOWED"} with input as changed({"tools": [{}]})
}

test_tool_role if {
	offering := changed({"tools": [{"name": "shell"}]})
	codes == {"TOOL_ROLE_REQUIRED"} with input as offering
	codes == set() with input as object.union(offering, maintainer)
}
