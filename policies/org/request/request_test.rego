package org.request_test

import data.org.request
import data.verdict.example_test as example

codes := {reason.code | some reason in request.deny}

changed(call) := object.union(example.openai, {"call": call})

test_allowed if {
	every call in [example.openai, example.anthropic, example.models] {
		codes == set() with input as call
	}
}

test_call_required if {
	"CALL_REQUIRED" in codes with input as object.remove(example.openai, ["call"])
	"CALL_REQUIRED" in codes with input as changed(null)
	codes == {"CALL_REQUIRED"} with input as changed({"provider": "nobody"})
	codes == {"CALL_REQUIRED"} with input as changed({"endpoint": "files"})
}

test_model_required if {
	every model in ["", null, ["gpt-4o-mini"], concat("", [sprintf("%d", [n]) | some n in numbers.range(100, 200)])] {
		codes == {"MODEL_REQUIRED"} with input as changed({"model": model})
	}
}

test_messages_required if {
	codes == {"MESSAGES_REQUIRED"} with input as changed({"messages": []})
	codes == {"MESSAGES_REQUIRED"} with input as changed({"messages": null})
	codes == {"MESSAGES_REQUIRED"} with input as changed({"messages": "text"})
}

test_message_limit if {
	codes == set() with input as changed({"messages": numbers.range(1, 2000)})
	codes == {"MESSAGE_LIMIT"} with input as changed({"messages": numbers.range(0, 2000)})
}

test_body_limit if {
	codes == set() with input as changed({"bytes": 8388608})
	codes == {"BODY_LIMIT"} with input as changed({"bytes": 8388609})
	codes == {"BODY_LIMIT"} with input as changed({"bytes": null})
}

test_choice_limit if {
	codes == set() with input as changed({"parameters": {"n": 8}})
	codes == {"CHOICE_LIMIT"} with input as changed({"parameters": {"n": 9}})
}
