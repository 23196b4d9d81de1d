package routes.coding

import data.routes.coding.secrets
import data.verdict.command
import data.verdict.reason

# METADATA
# title: No program is run that shows secrets
# description: Files that hold them are the organisation's affair.
# custom:
#   code: PROGRAM_SHOWS_SECRETS
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"{program} would show secrets") if {
	program := min({one.program | some one in command.commands; shows_secrets(one)})
}

# METADATA
# title: Variables that hold secrets are used with an approval
# custom:
#   code: SECRET_VARIABLE_APPROVAL
#   approver: maintainer
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), "a maintainer must approve of what may put a secret into a command") if {
	uses_secret_variable
}

# The words have `$` where the run puts the value; which variable that is, the text tells.
uses_secret_variable if {
	some one in command.commands
	command.varies(one)
	texts := upper(json.marshal(input.tool.arguments))
	some text in array.slice(split(texts, "$"), 1, count(texts))
	names_secret(trim_left(text, "{"))
}

names_secret(text) if contains(variable(text), secrets.variables[_])

names_secret(text) if startswith(text, "!")

variable(text) := substring(text, 0, count(text) - count(trim_left(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")))

# `npm run env` is there without a script of the name.
shows_secrets(one) if {
	one.program in {"npm", "pnpm", "yarn"}
	"env" in array.slice(command.operands(one), 0, 2)
}

shows_secrets(one) if {
	one.program == "export"
	command.has_short(one, "p")
}

shows_secrets(one) if "*" in secrets.programs[one.program]

shows_secrets(one) if first_argument(one) in secrets.programs[one.program]

shows_secrets(one) if {
	one.program == "env"
	not wraps(one)
}
