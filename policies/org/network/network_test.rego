package org.network_test

import data.org.network
import data.verdict.example_test as example

codes := {reason.code | some reason in network.deny_tool}

test_allowed if {
	every call in [example.proposed, example.run, example.read, example.mcp, example.reaching("github.com")] {
		codes == set() with input as call
	}
}

test_metadata_services if {
	every host in ["169.254.169.254", "169.254.170.2", "metadata.google.internal", "fd00:ec2::254", "100.100.100.200"] {
		codes == {"METADATA_SERVICE"} with input as example.reaching(host)
		codes == {"METADATA_SERVICE"} with input as example.running(["wget", $"http://{host}/"])
		codes == {"METADATA_SERVICE"} with input as object.union(
			example.mcp,
			{"tool": {"arguments": {"pages": [{"url": $"http://{upper(host)}/"}]}}},
		)
	}
	codes == {"METADATA_SERVICE"} with input as example.running(["curl", "0xA9FEA9FE"])
}

test_texts_that_an_editor_writes if {
	codes == set() with input as object.union(example.read, {"tool": {"arguments": {"content": "169.254.169.254"}}})
	codes == set() with input as object.union(
		example.mcp,
		{"tool": {"arguments": {"text": concat(" ", ["169.254.169.254" | some _ in numbers.range(1, 200)])}}},
	)
}

test_what_is_no_text_is_no_place if {
	codes == {"METADATA_SERVICE"} with input as example.acting([
		{"kind": "network", "host": 7},
		{"kind": "command", "words": ["curl", 7, "169.254.169.254"], "via": [], "piped": false},
	])
}
