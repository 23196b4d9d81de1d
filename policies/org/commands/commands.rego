# METADATA
# title: Commands
# description: What no program is run for, whichever way a tool call comes.
package org.commands

import data.org.commands.limits
import data.verdict.command
import data.verdict.deletion
import data.verdict.parts
import data.verdict.reason
import data.verdict.workspace

# METADATA
# title: No program that a machine does not survive
# custom:
#   code: COMMAND_DESTRUCTIVE
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"{program} is not run for a tool call") if {
	program := min({one.program | some one in command.commands; is_destructive(one)})
}

# METADATA
# title: No folder is deleted whole but one that is plainly in the workspace
# description: A folder that only the run can tell may be any.
# custom:
#   code: DELETION_TOO_WIDE
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "what would be deleted is not plainly below the workspace") if {
	some one in command.commands
	deletes_folders(one)
	not is_narrow(one)
}

# METADATA
# title: Modes and owners are not changed for whole trees outside the workspace
# custom:
#   code: MODE_CHANGE_TOO_WIDE
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "whose mode or owner would change is not plainly below the workspace") if {
	some one in command.commands
	one.program in limits.mode_changing
	command.has_option(one, "R", "--recursive")
	not is_narrow(one)
}

# METADATA
# title: No device is written
# custom:
#   code: DEVICE_WRITE
#   risk:
#     id: ASI02
#     year: 2026
#     title: Tool Misuse and Exploitation
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "a device would be written") if writes_device

# METADATA
# title: No shell runs what another program writes
# custom:
#   code: CODE_FROM_PIPE
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "a shell would run what another program writes") if runs_what_comes

is_destructive(one) if one.program in limits.destructive

is_destructive(one) if startswith(one.program, limits.destructive_prefixes[_])

# `:(){ :|:& };:` calls itself until nothing else can run.
is_destructive(one) if {
	one.program == ":"
	one.piped
}

deletes_folders(one) if {
	one.program in limits.deleting
	deletes_recursively(one)
}

deletes_folders(one) if {
	one.program in limits.finding
	"-delete" in one.arguments
}

deletes_recursively(one) if command.has_option(one, "r", "--recursive")

deletes_recursively(one) if command.has_option(one, "R", "--recursive")

# Every folder that it is about is known and lies below the workspace, and there is one: what `xargs` would add is known
# only by the run.
is_narrow(one) if {
	not "xargs" in one.by
	not "parallel" in one.by
	count(places(one)) > 0
	every place in places(one) {
		is_named(one, place)
	}
}

is_named(_, place) if workspace.is_below(place)

# `rm -rf dist/*`
is_named(one, place) if {
	contains(place, "$")
	deletion.is_inside(one)
}

# `chmod` takes its folders after the mode. `find` has the tests among its operands, which does no harm; without a folder in
# front, and behind an option, it looks through all of where it stands.
places(one) := array.slice(command.operands(one), 1, count(one.words)) if one.program in limits.mode_changing

places(one) := command.operands(one) if one.program in limits.deleting

places(one) := array.concat([one.arguments[0]], command.operands(one)) if one.program in limits.finding

writes_device if {
	some file in parts.files
	file.access != "read"
	is_device(file.path)
}

writes_device if {
	some one in command.commands
	one.program == "dd"
	some argument in one.arguments
	startswith(argument, "of=")
	is_device(trim_prefix(argument, "of="))
}

is_device(path) if {
	startswith(path, "/dev/")
	not path in limits.harmless_devices
	not startswith(path, "/dev/fd/")
}

runs_what_comes if {
	some one in command.commands
	one.piped
	one.program in limits.shells
}

runs_what_comes if {
	some one in command.commands
	one.piped
	one.program in limits.interpreters
	count(command.operands(one)) == 0
}
