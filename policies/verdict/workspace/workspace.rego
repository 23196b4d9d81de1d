# METADATA
# title: Workspaces
# description: Whether what a tool call names lies plainly where the agent works.
package verdict.workspace

import data.org.commands.limits
import data.verdict.command

# METADATA
# description: |
#   The place is plainly below the workspace, or in a folder that tools may use up. A relative one is, as long as no `cd` of
#   the same call leads elsewhere.
is_below(place) if {
	not is_anywhere(place)
	not startswith(place, "/")
	not startswith(place, "-")
	not moves
}

is_below(place) if {
	not is_anywhere(place)
	some folder in array.concat(limits.scratch, [object.get(input.tool, "workspace", null)])
	is_string(folder)
	count(folder) > 1
	startswith(place, $"{trim_right(folder, "/")}/")
	trim_left(substring(place, count(folder), -1), "/.") != ""
}

is_anywhere(place) if contains(place, "$")

is_anywhere(place) if contains(place, "..")

is_anywhere(place) if startswith(place, "~")

is_anywhere(place) if contains(place, `\`)

is_anywhere(place) if contains(place, ":")

# What `find -exec` and `xargs -I` put in.
is_anywhere(place) if contains(place, "{}")

# "", ".", "./", "/": the whole of it.
is_anywhere(place) if trim(place, "./") == ""

# METADATA
# description: A `cd` of this call may lead out of the workspace.
moves if {
	some one in command.commands
	one.program in {"cd", "chdir", "pushd", "popd"}
	not leads_down(one)
}

leads_down(one) if {
	count(command.operands(one)) == 1
	place := one.arguments[0]
	not is_anywhere(place)
	not startswith(place, "/")
}

leads_down(one) if one.arguments == [input.tool.workspace]

leads_down(one) if {
	count(one.arguments) == 1
	not is_anywhere(one.arguments[0])
	is_string(input.tool.workspace)
	count(input.tool.workspace) > 1
	startswith(one.arguments[0], $"{input.tool.workspace}/")
}
