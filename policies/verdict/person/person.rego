# METADATA
# title: The person before an agent
# description: Whether one can be asked, so that a rule may take their word where it would otherwise ask for an approval.
package verdict.person

import data.org.tools.limits

# METADATA
# description: The call comes from the hook of an agent that asks its person. Others take a question for a denial.
is_asked if {
	input.tool.origin == "hook"
	input.http.path in limits.asking
}
