package routes.coding

import data.routes.coding.actions
import data.verdict.command
import data.verdict.workspace

# What a runner runs is told by the folder that it runs in.
runs_elsewhere(one) if {
	one.program in actions.runners
	strays
}

runs_elsewhere(one) if {
	one.program in actions.runners
	some argument in one.arguments
	leads_out(argument)
}

# `make SHELL=…`
runs_elsewhere(one) if {
	one.program == "make"
	contains(command.operands(one)[_], "=")
}

leads_out(argument) if contains(argument, "$")

leads_out(argument) if startswith(argument, "~")

leads_out(argument) if ".." in split(argument, "/")

leads_out(argument) if {
	startswith(argument, "/")
	not workspace.is_below(argument)
}

# `make -C sub`; attached to its option, or by its long name, the folder is asked about.
runs_elsewhere(one) if {
	one.program == "make"
	some i, argument in one.arguments
	names_folder(argument)
	not names_own_folder(one, i)
}

names_folder(argument) if command.has_short({"arguments": [argument]}, "C")

names_folder(argument) if command.has_long({"arguments": [argument]}, "--directory")

names_own_folder(one, i) if {
	one.arguments[i] == "-C"
	in_workspace(one.arguments[i + 1])
}

# Plainly there, and not in a folder that all agents may use up.
in_workspace(place) if {
	workspace.is_below(place)
	not startswith(place, "/")
}

in_workspace(place) if {
	workspace.is_below(place)
	startswith(place, $"{trim_right(input.tool.workspace, "/")}/")
}

strays if {
	workspace.moves
	not returns
}

# `cd web && npm run build && cd ..`: nothing runs behind the last step. In a loop something would.
returns if {
	count(command.commands) > 1
	last := count(command.commands) - 1
	command.commands[last].words == ["cd", ".."]
	every one in array.slice(command.commands, 0, last) {
		stays_below(one)
	}
	is_chain(input.tool.arguments.command)
}

stays_below(one) if not one.program in {"cd", "chdir", "pushd", "popd"}

stays_below(one) if workspace.leads_down(one)

is_chain(text) if {
	steps := replace(text, "&&", "")
	every sign in [";", "\n", "&", "|", "(", "{", "`"] {
		not contains(steps, sign)
	}
}

# A remote has a name; everything else is an address.
fetches_elsewhere(one) if {
	fetches(one)
	remote := command.operands(one)[1]
	not remote in actions.remotes
}

# What stands behind an option with a value of its own might be the remote.
fetches_elsewhere(one) if {
	fetches(one)
	some argument in one.arguments
	startswith(argument, "-")
	not contains(argument, "=")
	not argument in actions.fetch_options
}

fetches(one) if {
	one.program == "git"
	first_argument(one) in {"fetch", "pull"}
}

# `git rm` is judged like `rm`. A pattern in quotes is git's own.
deletes_widely(one) if {
	one.program == "git"
	first_argument(one) == "rm"
	some place in array.slice(command.operands(one), 1, count(one.arguments))
	is_wide(place)
}

is_wide(place) if not workspace.is_below(place)

is_wide(place) if contains(place, ["*", "?", "["][_])

# `jq -n env`, `jq -n '$ENV'`
may_show_environment(one) if {
	one.program == "jq"
	contains(replace(lower(one.arguments[_]), ".env", ""), "env")
}

# What the run puts into a filter may be that too.
may_show_environment(one) if {
	one.program == "jq"
	command.varies(one)
}

# `ps eww`, and `ps -E` elsewhere
may_show_environment(one) if {
	one.program == "ps"
	some argument in one.arguments
	not startswith(argument, "-")
	contains(argument, "e")
}

may_show_environment(one) if {
	one.program == "ps"
	command.has_short(one, "E")
}
