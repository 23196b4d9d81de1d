# METADATA
# title: Git
# description: Where the pushes of a tool call would go, for the rules of the organisation and of routes.
package verdict.git

import data.org.git.protected
import data.verdict.command

# METADATA
# description: |
#   Each push of this tool call: its `remote`, the `branches` that it names, whether it is for `all` of them, whether one
#   would be `forced` or deleted, and whether the words tell where it goes (`known`).
pushes := [push |
	some one in command.commands
	position := position_of_push(one)
	operands := command.operands({"arguments": array.slice(one.arguments, position + 1, count(one.arguments))})
	refspecs := array.slice(operands, 1, count(operands))
	push := {
		"remote": command.first(operands),
		"branches": {branch(refspec) | some refspec in refspecs},
		"all": count(one_of_options(one, {"--all", "--branches", "--mirror"})) > 0,
		"forced": count(array.concat(forcing(one), forcing_refspecs(refspecs))) > 0,
		"known": count(array.concat(doubts(one, position), doubtful(refspecs))) == 0,
	}
]

# METADATA
# description: The push names a protected branch, or all.
reaches_protected(push) if push.all

reaches_protected(push) if {
	some name in push.branches
	is_protected(name)
}

is_protected(name) if name in protected.names

is_protected(name) if startswith(name, protected.prefixes[_])

# `push` behind options of git itself is taken for the command, whatever their values are.
position_of_push(one) := 0 if {
	one.program == "git"
	one.arguments[0] == "push"
}

position_of_push(one) := min([position | some position, argument in one.arguments; argument == "push"]) if {
	one.program == "git"
	startswith(one.arguments[0], "-")
}

# The branch that a refspec ends at, however it is spelt: `main`, `+main`, `HEAD:main`, `:refs/heads/main`.
branch(refspec) := lower(trim_prefix(trim_prefix(ends[count(ends) - 1], "refs/"), "heads/")) if {
	ends := split(trim_left(refspec, "+"), ":")
}

forcing(one) := array.concat(
	one_of_options(one, {"--force", "--force-with-lease", "--delete", "--prune", "--mirror"}),
	[short | some short in ["f", "d"]; command.has_short(one, short)],
)

forcing_refspecs(refspecs) := [refspec |
	some refspec in refspecs
	substring(refspec, 0, 1) in {"+", ":"}
]

# Options of git itself, and options whose value looks like a remote or a refspec.
doubts(one, position) := array.concat(
	array.slice(one.arguments, 0, position),
	array.concat(
		one_of_options(one, {"--repo", "--push-option", "--receive-pack", "--exec", "--all", "--branches", "--mirror", "--tags"}),
		[argument | some argument in one.arguments; startswith(argument, "-o")],
	),
)

# Without a refspec the repository's settings say where it goes; `HEAD` is whatever was checked out.
doubtful(refspecs) := ["none"] if count(refspecs) == 0

doubtful(refspecs) := [refspec | some refspec in refspecs; is_doubtful(refspec)] if count(refspecs) > 0

is_doubtful(refspec) if branch(refspec) in {"", "head", "@"}

is_doubtful(refspec) if {
	some mark in ["$", "*", "^"]
	contains(refspec, mark)
}

one_of_options(one, options) := [option | some option in options; command.has_long(one, option)]
