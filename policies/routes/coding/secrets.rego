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

shows_secrets(one) if "*" in secrets.programs[one.program]

shows_secrets(one) if first_argument(one) in secrets.programs[one.program]

shows_secrets(one) if {
	one.program == "env"
	not wraps(one)
}
