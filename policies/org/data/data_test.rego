package org.data_test

import data.org.data as rules
import data.verdict.example_test as example

label(kind, confidence, role) := {
	"stage": "sensitivity",
	"kind": kind,
	"where": {"pointer": "/messages/0/content", "role": role, "start": 0, "end": 4},
	"confidence": confidence,
	"rule": "test",
	"ruleset": "0000000000000000000000000000000000000000000000000000000000000000",
}

with_labels(labels) := object.union(example.openai, {"labels": labels})

codes := {reason.code | some reason in rules.deny}

tool_codes := {reason.code | some reason in rules.deny_tool}

test_nothing_found if {
	codes == set() with input as example.openai
	codes == set() with input as with_labels([label("public", 0.5, "user"), label("personal.email", 1, "user")])
}

test_secrets if {
	every kind in ["secret", "secret.github.token"] {
		codes == {"SECRET_IN_TEXT"} with input as with_labels([label(kind, 1, "user")])
		tool_codes == {"SECRET_IN_ARGUMENTS"} with input as object.union(example.run, {"labels": [label(kind, 1, "other")]})
	}
	codes == set() with input as with_labels([label("secretive", 1, "user")])
	codes == set() with input as with_labels([label("secret.other", 0.6, "user")])
	tool_codes == set() with input as example.run
}

test_health if {
	sick := with_labels([label("health.condition", 0.8, "user")])
	codes == {"HEALTH_DATA"} with input as sick
	codes == set() with input as sick with data.org.data.health_policies as ["support"]
	codes == {"HEALTH_DATA"} with input as sick with data.org.data.health_policies as ["coding"]
}

test_injection if {
	every role in ["tool", "document"] {
		codes == {"INJECTION_WITH_TOOLS"} with input as with_labels([label("prompt_injection", 0.9, role)])
	}
	codes == set() with input as with_labels([label("prompt_injection", 0.9, "user")])
	codes == set() with input as with_labels([label("prompt_injection", 0.5, "tool")])
	codes == {"INJECTION_WITH_TOOLS"} with input as with_labels([label("hidden_text.tags", 0.9, "user")])
}

test_injection_without_tools if {
	labelled := with_labels([label("prompt_injection", 0.9, "tool")])
	changed := object.union(labelled, {"call": object.union(labelled.call, {"tools": []})})
	codes == set() with input as changed
}
