package verdict.tokens_test

import data.verdict.tokens

asking(parameters) := {"call": {"parameters": parameters}}

test_stated if {
	tokens.stated with input as asking({"max_tokens": 1})
	every value in [0, -1, null, "256", [], {}] {
		not tokens.stated with input as asking({"max_tokens": value})
	}
	not tokens.stated with input as asking({})
	not tokens.stated with input as {"call": null}
}

test_within if {
	tokens.within(1024) with input as asking({"max_tokens": 1024})
	tokens.within(1024) with input as asking({"max_tokens": 512, "n": 2})
	tokens.within(1024) with input as asking({"max_tokens": 1024, "n": 0})
	not tokens.within(1024) with input as asking({"max_tokens": 1025})
	not tokens.within(1024) with input as asking({"max_tokens": 512, "n": 3})
	not tokens.within(1024) with input as asking({"max_tokens": 1025, "n": -1})
}

test_not_within_what_is_no_number if {
	every n in ["2", null, [], {}] {
		not tokens.within(1024) with input as asking({"max_tokens": 512, "n": n})
	}
	not tokens.within(1024) with input as asking({"max_tokens": "512"})
	not tokens.within(1024) with input as asking({})
}
