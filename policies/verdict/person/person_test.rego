package verdict.person_test

import data.verdict.example_test as example
import data.verdict.person

test_is_asked if {
	person.is_asked with input as example.run
	every path in ["/v1/hooks/codex", "/v1/hooks/claude-code/", ""] {
		not person.is_asked with input as object.union(example.run, {"http": {"path": path}})
	}
	every origin in ["model", "mcp", null] {
		not person.is_asked with input as object.union(example.run, {"tool": {"origin": origin}})
	}
}
