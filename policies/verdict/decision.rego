# METADATA
# title: Decisions
# description: What the three entrypoints answer. Deny wins, and nothing is allowed but by `decision`.
package verdict

# METADATA
# description: The decision that follows from a set of denials, in an order that does not depend on the engine.
decision(denials) := {"effect": "allow", "reasons": [], "obligations": []} if count(denials) == 0

decision(denials) := {"effect": "deny", "reasons": sort(denials), "obligations": []} if count(denials) > 0

# METADATA
# description: |
#   The same where some reasons ask for an approval instead: it is asked for when nothing denies, once for each role.
#   The caller is asked only where no role is: an approval is worth more.
decision_or_question(denials, open_questions) := decision(denials) if count(open_questions) == 0

decision_or_question(denials, _) := decision(denials) if count(denials) > 0

decision_or_question(denials, open_questions) := {
	"effect": "escalate",
	"reasons": sort({object.remove(question, ["role"]) | some question in open_questions}),
	"obligations": [{"type": "approve", "by": role} | some role in sort(approvers(open_questions))],
} if {
	count(denials) == 0
	count(open_questions) > 0
}

# Not a role: the person before the agent.
caller := "caller"

approvers(questions_asked) := roles if {
	roles := {question.role | some question in questions_asked} - {caller}
	count(roles) > 0
} else := {caller}
