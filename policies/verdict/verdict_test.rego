package verdict_test

import data.verdict
import data.verdict.example_test as example

codes(decision) := [reason.code | some reason in decision.reasons]

test_allows_what_no_rule_denies if {
	every call in [example.openai, example.anthropic, example.models] {
		verdict.request == {"effect": "allow", "reasons": [], "obligations": []} with input as call
	}
}

test_deny_wins_and_reasons_are_sorted if {
	changed := object.union(example.openai, {"subject": null, "call": {"model": "gpt-0"}})
	decision := verdict.request with input as changed
	decision.effect == "deny"
	codes(decision) == ["MODEL_NOT_ALLOWED", "SUBJECT_REQUIRED"]
}

test_unknown_route_policy if {
	decision := verdict.request with input as object.union(example.openai, {"route": {"policy": "nobody"}})
	decision.effect == "deny"
	codes(decision) == ["ROUTE_POLICY_UNKNOWN"]
}

test_no_route if {
	decision := verdict.request with input as object.union(example.openai, {"route": null})
	codes(decision) == ["ROUTE_POLICY_UNKNOWN"]
}

test_another_phase if {
	decision := verdict.request with input as object.union(example.openai, {"phase": "tool"})
	codes(decision) == ["INPUT_NOT_UNDERSTOOD"]
}

test_another_version if {
	decision := verdict.request with input as object.union(example.openai, {"v": 2})
	codes(decision) == ["INPUT_NOT_UNDERSTOOD"]
}

test_undefined_input_is_denied if {
	decision := verdict.request
	decision.effect == "deny"
	"INPUT_NOT_UNDERSTOOD" in codes(decision)
	"ROUTE_POLICY_UNKNOWN" in codes(decision)
}

topics := {topic | data.org[topic].deny} | {topic | data.org[topic].deny_tool}

# A rule of that name that is no set would deny nothing.
test_every_topic_and_route_denies_by_a_set if {
	count(topics) > 7
	every sets in [
		[rules | rules := data.org[_].deny],
		[rules | rules := data.org[_].deny_tool],
		[rules | rules := data.org[_].approve_tool],
		[rules | rules := data.routes[_].deny],
		[rules | rules := data.routes[_].deny_tool],
		[rules | rules := data.routes[_].approve_tool],
	] {
		count(sets) > 0
		every rules in sets {
			is_set(rules)
		}
	}
}

test_every_topic_is_asked if {
	every topic in topics {
		reason := {"code": "X", "message": topic}
		decision := verdict.request with data.org as {topic: {"deny": {reason}}} with input as example.openai
		decision.reasons == [reason]
	}
}

test_a_policy_that_denies_by_no_set_is_none if {
	decision := verdict.request with data.routes.support.deny as "no" with input as example.openai
	codes(decision) == ["ROUTE_POLICY_UNKNOWN"]
}

allowed := {"effect": "allow", "reasons": [], "obligations": []}

question := {"code": "X", "message": "m", "role": "maintainer"}

test_allows_tool_calls_that_no_rule_denies if {
	every call in [example.proposed, example.run, example.read, example.mcp] {
		verdict.tool == allowed with input as call
	}
}

test_deny_wins_over_questions if {
	decision := verdict.tool with input as object.union(example.running(["npm", "install", "x"]), {"subject": null})
	decision.effect == "deny"
	decision.obligations == []
	codes(decision) == ["ROLE_REQUIRED", "SUBJECT_REQUIRED", "TOOL_ROLE_REQUIRED"]
}

test_a_question_escalates if {
	decision := verdict.tool with data.org as {"a": {"approve_tool": {question}}} with input as example.proposed
	decision == {
		"effect": "escalate",
		"reasons": [{"code": "X", "message": "m"}],
		"obligations": [{"type": "approve", "by": "maintainer"}],
	}
}

test_each_role_is_asked_once if {
	questions := {
		question,
		object.union(question, {"code": "Y"}),
		object.union(question, {"code": "Z", "role": "auditor"}),
	}
	decision := verdict.tool with data.org as {"a": {"approve_tool": questions}} with input as example.proposed
	codes(decision) == ["X", "Y", "Z"]
	[obligation.by | some obligation in decision.obligations] == ["auditor", "maintainer"]
}

test_an_approval_answers_the_questions_of_its_role if {
	call := example.approved(example.proposed, "maintainer")
	verdict.tool == allowed with data.org as {"a": {"approve_tool": {question}}} with input as call
	other := example.approved(example.proposed, "auditor")
	decision := verdict.tool with data.org as {"a": {"approve_tool": {question}}} with input as other
	decision.effect == "escalate"
}

callers_question := {"code": "C", "message": "m", "role": "caller"}

test_the_caller_is_asked_where_no_role_is if {
	decision := verdict.tool with data.org as {"a": {"approve_tool": {callers_question}}} with input as example.proposed
	decision == {
		"effect": "escalate",
		"reasons": [{"code": "C", "message": "m"}],
		"obligations": [{"type": "approve", "by": "caller"}],
	}
}

test_a_role_is_asked_rather_than_the_caller if {
	both := {"a": {"approve_tool": {callers_question, question}}}
	decision := verdict.tool with data.org as both with input as example.proposed
	codes(decision) == ["C", "X"]
	decision.obligations == [{"type": "approve", "by": "maintainer"}]
	verdict.tool == allowed with data.org as both with input as example.approved(example.proposed, "maintainer")
}

test_a_denial_wins_over_the_callers_question if {
	both := {"a": {"approve_tool": {callers_question}, "deny_tool": {{"code": "D", "message": "m"}}}}
	decision := verdict.tool with data.org as both with input as example.proposed
	decision.effect == "deny"
	decision.obligations == []
	codes(decision) == ["D"]
}

test_an_approval_answers_no_denial if {
	decision := verdict.tool with input as example.approved(example.running(["sudo", "ls"]), "maintainer")
	codes(decision) == ["PROGRAM_NOT_ALLOWED"]
}

test_a_question_that_nobody_can_answer_is_a_denial if {
	every role in ["", null, 7] {
		asking := object.union(question, {"role": role})
		decision := verdict.tool with data.org as {"a": {"approve_tool": {asking}}} with input as example.proposed
		decision.effect == "deny"
	}
	nobody := object.remove(question, ["role"])
	decision := verdict.tool with data.org as {"a": {"approve_tool": {nobody}}}
		with input as example.approved(example.proposed, "")
	decision.effect == "deny"
}

test_a_tool_call_of_another_phase_or_version if {
	every change in [{"phase": "request"}, {"v": 2}] {
		decision := verdict.tool with input as object.union(example.proposed, change)
		codes(decision) == ["INPUT_NOT_UNDERSTOOD"]
	}
	decision := verdict.tool with input as object.union(example.openai, {"phase": "tool"})
	"INPUT_NOT_UNDERSTOOD" in codes(decision)
}

test_undefined_tool_call_is_denied if {
	decision := verdict.tool
	decision.effect == "deny"
	"INPUT_NOT_UNDERSTOOD" in codes(decision)
	"TOOL_POLICY_MISSING" in codes(decision)
}

test_a_route_must_judge_tool_calls if {
	every route in [null, {"policy": "nobody"}] {
		decision := verdict.tool with input as object.union(example.proposed, {"route": route})
		codes(decision) == ["TOOL_POLICY_MISSING"]
	}
	decision := verdict.tool with data.routes.support as {"deny": set()} with input as example.proposed
	codes(decision) == ["TOOL_POLICY_MISSING"]
}

test_a_policy_that_judges_tool_calls_by_no_set_is_none if {
	every rules in [{"deny_tool": "no"}, {"deny_tool": set(), "approve_tool": "no"}] {
		decision := verdict.tool with data.routes.support as rules with input as example.proposed
		codes(decision) == ["TOOL_POLICY_MISSING"]
	}
}

test_every_topic_is_asked_about_tools if {
	every topic in topics {
		reason := {"code": "X", "message": topic}
		decision := verdict.tool with data.org as {topic: {"deny_tool": {reason}}} with input as example.proposed
		decision.reasons == [reason]
	}
}

test_responses_are_not_governed_yet if {
	decision := verdict.response with input as object.union(example.openai, {"phase": "response"})
	decision.effect == "deny"
	codes(decision) == ["RESPONSES_NOT_GOVERNED"]
}
