package routes.coding

import data.routes.coding.actions
import data.verdict.command
import data.verdict.workspace

# What a runner runs is told by the folder that it runs in.
runs_elsewhere(one) if {
	one.program in actions.runners
	workspace.moves
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

# A remote has a name; everything else is an address.
fetches_elsewhere(one) if {
	one.program == "git"
	first_argument(one) == "fetch"
	remote := command.operands(one)[1]
	not remote in actions.remotes
}

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
