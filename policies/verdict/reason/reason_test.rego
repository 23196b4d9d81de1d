package verdict.reason_test

import data.verdict.reason

test_all_of_it if {
	chain := [{
		"path": ["org", "x", "deny"],
		"annotations": {"custom": {"code": "X", "risk": {"id": "LLM01"}}},
	}]
	reason.of(chain, "m") == {"code": "X", "message": "m", "rule": "data.org.x.deny", "risk": {"id": "LLM01"}}
}

test_without_risk if {
	reason.of([{"path": ["x"], "annotations": {"custom": {"code": "X"}}}], "m") == {
		"code": "X",
		"message": "m",
		"rule": "data.x",
	}
}

test_defined_without_metadata if {
	reason.of([{"path": ["x"]}], "m") == {"code": "REASON_UNDOCUMENTED", "message": "m", "rule": "data.x"}
}

test_asks_for_an_approval if {
	reason.of([{"path": ["x"], "annotations": {"custom": {"code": "X", "approver": "maintainer"}}}], "m") == {
		"code": "X",
		"message": "m",
		"rule": "data.x",
		"role": "maintainer",
	}
}
