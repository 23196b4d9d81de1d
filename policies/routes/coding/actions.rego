package routes.coding

import data.routes.coding.actions
import data.routes.coding.source
import data.verdict.command
import data.verdict.deletion
import data.verdict.parts
import data.verdict.person
import data.verdict.reason

# METADATA
# title: Some programs are not for agents
# custom:
#   code: PROGRAM_NOT_ALLOWED
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"an agent does not run {program}") if {
	program := min({program | some one in command.commands; some program in named_by(one); program in actions.denied})
}

# METADATA
# title: Which program runs must be known
# custom:
#   code: PROGRAM_UNKNOWN
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "only the run can tell which program this is") if {
	some one in command.commands
	is_unknown(one)
}

# METADATA
# title: What a dangerous program works on must be known
# custom:
#   code: ARGUMENT_UNKNOWN
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"only the run can tell what {program} works on") if {
	program := min({one.program | some one in command.commands; one.program in actions.static; is_open(one)})
}

# METADATA
# title: Files are written in the workspace
# custom:
#   code: WRITE_OUTSIDE_WORKSPACE
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "a file outside the workspace would be written or deleted") if {
	some file in parts.files
	file.access != "read"
	is_outside(file)
	not begins_with(file.path, source.writable)
}

# METADATA
# title: What is written must be known
# custom:
#   code: WRITE_APPROVAL
#   approver: maintainer
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), "a maintainer must approve of writing what only the run can tell") if {
	some file in parts.files
	file.access != "read"
	is_unclear(file)
	not begins_with(file.path, source.writable)
}

# METADATA
# title: Other programs than those on the list need an approval
# custom:
#   code: PROGRAM_APPROVAL
#   approver: maintainer
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"a maintainer must approve of running {program}") if {
	program := min({substring(one.program, 0, 64) |
		some one in command.commands
		needs_approval(one)
		not is_confirmed(one)
	})
}

# METADATA
# title: Some programs run in any form that is right to the person before the agent
# custom:
#   code: PROGRAM_CONFIRMATION
#   approver: caller
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"{program} does not run in this form without a question") if {
	program := min({one.program | some one in command.commands; needs_approval(one); is_confirmed(one)})
}

is_confirmed(one) if {
	person.is_asked
	one.words[0] == one.program
	is_free_in(one, actions.confirmed)
	every wrapper in one.by {
		wrapper in array.concat(actions.wrappers, actions.feeders)
	}
}

# METADATA
# title: Another machine is reached with an approval
# custom:
#   code: REMOTE_APPROVAL
#   approver: maintainer
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"a maintainer must approve of reaching another machine by {program}") if {
	program := min({program | some one in command.commands; some program in named_by(one); program in actions.remote})
}

# METADATA
# title: Destinations that are not on the list need an approval
# custom:
#   code: DESTINATION_APPROVAL
#   approver: maintainer
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), $"a maintainer must approve of reaching {host}") if {
	host := min({substring(action.host, 0, 100) |
		some action in input.tool.actions
		action.kind == "network"
		not is_allowed_host(action.host)
	})
}

named_by(one) := one.by | {one.program}

# `rm dist/*` deletes what is in a named folder.
is_open(one) if {
	command.varies(one)
	not deletion.is_inside(one)
}

is_unknown(one) if contains(one.words[0], "$")

is_unknown(one) if one.program == ""

needs_approval(one) if {
	not is_free(one)
	not is_judged_elsewhere(one)
}

# By a more telling reason.
is_judged_elsewhere(one) if one.program in actions.remote

is_judged_elsewhere(one) if installs(one)

# A program of the same name in another folder is another program.
is_free(one) if {
	one.words[0] == one.program
	is_listed(one)
	not has_option_asked(one)
	not runs_elsewhere(one)
	not fetches_elsewhere(one)
	not may_show_environment(one)
	not deletes_widely(one)
	every wrapper in one.by {
		may_run(wrapper, one)
	}
}

may_run(wrapper, _) if wrapper in actions.wrappers

# Which files that are, is judged as what is read.
may_run(wrapper, one) if {
	wrapper in actions.feeders
	one.program in actions.fed
}

is_listed(one) if is_free_in(one, actions.programs)

is_listed(one) if is_free_in(one, actions.programs_of[input.subject.roles[_]])

is_free_in(one, programs) if programs[one.program] == true

is_free_in(one, programs) if first_argument(one) in programs[one.program]

# What it runs is a command of its own.
is_listed(one) if wraps(one)

# `sed -n 1,20p`, and no other of its commands: it can run programs and write files.
is_listed(one) if {
	one.program == "sed"
	one.arguments[0] == "-n"
	trim_left(one.arguments[1], "0123456789,") == "p"
	every argument in array.slice(one.arguments, 2, count(one.arguments)) {
		not startswith(argument, "-")
	}
}

# `env FOO=bar npm test`, and not `env FOO=bar`, which shows all variables.
wraps(one) if {
	one.program in actions.wrappers
	some wrapped in command.commands
	one.program in wrapped.by
	endswith(concat(" ", one.words), concat(" ", array.concat([""], wrapped.words)))
}

first_argument(one) := command.first(without_pager(one))

without_pager(one) := array.slice(one.arguments, 1, count(one.arguments)) if command.first(one.arguments) == "--no-pager"

without_pager(one) := one.arguments if command.first(one.arguments) != "--no-pager"

has_option_asked(one) if {
	some name in names(one)
	some option in actions.options_asked[name]
	startswith(one.arguments[_], option)
}

# Long options may be cut short, and short ones stand in a group.
has_option_asked(one) if {
	some name in names(one)
	some option in actions.options_asked[name]
	startswith(option, "--")
	command.has_long(one, option)
}

has_option_asked(one) if {
	some name in names(one)
	command.has_short(one, actions.letters_asked[name][_])
}

names(one) := {one.program, $"{one.program} {first_argument(one)}"}

is_allowed_host(host) if host in actions.hosts

is_allowed_host(host) if {
	some suffix in actions.hosts
	startswith(suffix, ".")
	endswith(host, suffix)
}
