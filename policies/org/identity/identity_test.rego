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
