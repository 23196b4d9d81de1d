package org.identity_test

import data.org.identity
import data.verdict.example_test as example

codes := {reason.code | some reason in identity.deny}

test_known if {
	codes == set() with input as example.openai
}

test_unknown if {
	every subject in [null, {"id": ""}, {"id": 7}, {"id": "alice"}] {
		changed := object.union(object.remove(example.openai, ["subject"]), {"subject": subject})
		codes == {"SUBJECT_REQUIRED"} with input as changed
	}
}

test_tool_calls if {
	tool_codes == set() with input as example.run
	tool_codes == {"SUBJECT_REQUIRED"} with input as object.union(example.run, {"subject": null})
}

tool_codes := {reason.code | some reason in identity.deny_tool}
