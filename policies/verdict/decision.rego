# METADATA
# title: Decisions
# description: What the three entrypoints answer. Deny wins, and nothing is allowed but by `decision`.
package verdict

# METADATA
# description: The decision that follows from a set of denials, in an order that does not depend on the engine.
decision(denials) := {"effect": "allow", "reasons": [], "obligations": []} if count(denials) == 0

decision(denials) := {"effect": "deny", "reasons": sort(denials), "obligations": []} if count(denials) > 0
