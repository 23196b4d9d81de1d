# METADATA
# title: Paths
# description: Names of files, out of paths, patterns and the words of programs, for rules to look for marks in them.
package verdict.paths

import data.org.secrets.separators
import data.verdict.command

# METADATA
# description: |
#   All texts in one, so that each mark is looked for once: lower case, every part of a path between two slashes, whatever
#   quotes, `=`, `:` or `@` it stands behind.
parted(texts) := strings.replace_n(separators, lower(concat("//", array.flatten(["", texts, ""]))))

# METADATA
# description: A pattern with `$` for each sign of it, as in what only the run can tell.
opened(pattern) := strings.replace_n({"*": "$", "?": "$", "[": "$", "]": "$"}, pattern)

# METADATA
# description: The arguments of a program that are patterns for files.
patterns(one) := array.concat(patterns_in_options(one), pathspecs(one))

patterns_in_options(one) := [trim_left(pattern, "=") |
	one.program in {"egrep", "fgrep", "grep", "rg"}
	some i, argument in one.arguments
	some option in ["--include", "--glob", "--iglob", "-g"]
	startswith(argument, option)
	some pattern in [trim_prefix(argument, option), command.first(array.slice(one.arguments, i + 1, i + 2))]
	not startswith(trim_left(pattern, "="), "!")
]

# The first operand of `git grep` is no path.
pathspecs(one) := array.slice(command.operands(one), 2, count(one.words)) if is_git(one, {"grep"})

pathspecs(one) := array.slice(command.operands(one), 1, count(one.words)) if is_git(one, {"blame", "diff", "log", "show"})

pathspecs(one) := [] if not is_git(one, {"blame", "diff", "grep", "log", "show"})

is_git(one, subcommands) if {
	one.program == "git"
	command.first(one.arguments) in subcommands
}
