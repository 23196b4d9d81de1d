package routes.coding

import data.routes.coding.actions
import data.verdict.command
import data.verdict.reason

# METADATA
# title: Packages are installed with an approval
# description: An installation runs code of strangers. What a lockfile pins (`npm ci`) was approved with it.
# custom:
#   code: PACKAGE_APPROVAL
#   approver: maintainer
#   risk:
#     id: ASI04
#     year: 2026
#     title: Agentic Supply Chain Vulnerabilities
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"a maintainer must approve of an installation by {program}") if {
	program := min({one.program | some one in command.commands; installs(one)})
}

installs(one) if "*" in actions.installers[one.program]

installs(one) if first_argument(one) in actions.installers[one.program]

# Options of the program may stand in front, with values of their own.
installs(one) if {
	startswith(first_argument(one), "-")
	some operand in command.operands(one)
	operand in actions.installers[one.program]
}

installs(one) if {
	startswith(one.program, "python")
	some module in ["ensurepip", "pip", "pipx", "uv"]
	module in one.arguments
}
