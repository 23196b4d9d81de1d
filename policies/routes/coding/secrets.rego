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

# METADATA
# title: Hidden files are not read by the tree without an approval
# description: |
#   Such as `.env`, which no word names then. What reads below a folder, or only files of some kind, is not asked about.
# custom:
#   code: HIDDEN_FILES_APPROVAL
#   approver: maintainer
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"a maintainer must approve of all hidden files for {program}") if {
	program := min({one.program | some one in command.commands; reads_hidden(one)})
}

reads_hidden(one) if {
	takes_all(one)
	not is_narrowed(one)
	reaches_top(one)
}

# What git was told to leave out.
reads_hidden(one) if {
	one.program == "git"
	some subcommand, options in secrets.ignored
	command.operands(one)[0] == subcommand
	some option in options
	command.has_option(one, option.short, option.long)
}

takes_all(one) if {
	some option in secrets.trees[one.program]
	command.has_option(one, option.short, option.long)
}

takes_all(one) if secrets.trees[one.program] == []

is_narrowed(one) if command.has_long(one, secrets.narrowed[_])

is_narrowed(one) if {
	one.program == "rg"
	command.has_short(one, ["g", "t"][_])
}

reaches_top(one) if {
	some place in command.operands(one)
	trim_left(place, "./") == ""
}

reaches_top(one) if trim_right(command.operands(one)[_], "/") == trim_right(input.tool.workspace, "/")

# A pattern alone: the current folder is meant.
reaches_top(one) if {
	one.program in secrets.searchers
	count(command.operands(one)) < 2
}
