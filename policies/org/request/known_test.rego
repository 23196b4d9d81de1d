package org.request_test

import data.org.request
import data.verdict.example_test as example

test_fields if {
	every provider in ["openai", "anthropic"] {
		codes == set() with input as changed({"provider": provider, "fields": request.fields[provider]})
	}
	every field in ["prompt", "models", "plugins", "route", "store", "service_tier", "Model", ""] {
		codes == {"FIELD_NOT_ALLOWED"} with input as changed({"fields": ["model", "messages", field]})
	}
	codes == {"FIELD_NOT_ALLOWED"} with input as changed({"provider": "openai", "fields": ["system"]})
	codes == {"FIELD_NOT_ALLOWED"} with input as changed({"provider": "anthropic", "fields": ["n"]})
}

test_fields_must_be_given if {
	every fields in [null, "model", {"a": "model"}, [7], [["model"]]] {
		codes == {"FIELD_NOT_ALLOWED"} with input as changed({"fields": fields})
	}
	codes == {"FIELD_NOT_ALLOWED"} with input as without("fields")
}

test_unknown_field_is_named if {
	deny := request.deny with input as changed({"fields": ["model", "plugins", "route"]})
	{reason.message | some reason in deny} == {"field plugins is not allowed"}
}

test_fields_of_responses if {
	fields := [field | some field in request.fields.responses; not field in request.kept_by_vendor.fields]
	count(fields) == count(request.fields.responses) - 4
	codes == set() with input as response({"fields": fields})
	every field in ["max_tokens", "messages", "service_tier", "plugins"] {
		codes == {"FIELD_NOT_ALLOWED"} with input as response({"fields": ["model", "input", field]})
	}
	deny := request.deny with input as response({"fields": ["model", "n"]})
	{reason.message | some reason in deny} == {"field n is not allowed"}
}

test_context_must_come_along if {
	codes == set() with input as response({})
	every field in ["background", "conversation", "previous_response_id", "prompt"] {
		codes == {"CONTEXT_NOT_GOVERNED"} with input as response({"fields": ["model", "input", field]})
	}
	codes == {"CONTEXT_NOT_GOVERNED"} with input as response({"messages": [
		{"role": "user", "kinds": ["text"], "bytes": 1},
		{"role": "user", "kinds": ["item_reference"], "bytes": 1},
	]})
}

test_response_is_not_kept if {
	every call in [response({}), object.union(response({}), {"body": {"store": true}})] {
		codes == {"RESPONSE_KEPT"} with data.org.request.kept_by_vendor.responses as false with input as call
	}
	call := object.union(response({}), {"body": {"store": false}})
	codes == set() with data.org.request.kept_by_vendor.responses as false with input as call
}

test_betas if {
	every provider, betas in request.betas {
		codes == set() with input as changed({"provider": provider, "fields": [], "betas": betas})
	}
	every beta in ["code-execution-2025-05-22", "Claude-Code-20250219", "", 7] {
		codes == {"BETA_NOT_ALLOWED"} with input as object.union(
			example.anthropic,
			{"call": {"betas": ["claude-code-20250219", beta]}},
		)
	}
	codes == {"BETA_NOT_ALLOWED"} with input as changed({"betas": ["claude-code-20250219"]})
	codes == {"BETA_NOT_ALLOWED"} with input as object.union(example.models, {"call": {"betas": ["x"]}})
}

test_betas_must_be_a_list if {
	every betas in [null, "assistants=v2", {"a": "assistants=v2"}] {
		codes == {"BETA_NOT_ALLOWED"} with input as changed({"betas": betas})
	}
}

test_betas_of_older_inputs if {
	codes == set() with input as without("betas")
}

test_unknown_beta_is_named if {
	deny := request.deny with input as changed({"betas": ["assistants=v2", "x"]})
	{reason.message | some reason in deny} == {"beta feature x is not allowed"}
}

without(key) := object.union(object.remove(example.openai, ["call"]), {"call": object.remove(example.openai.call, [key])})

response(call) := object.union(example.response, {"call": call})
