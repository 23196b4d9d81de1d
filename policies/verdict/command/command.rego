# METADATA
# title: Commands
# description: |
#   The programs that a tool call would run, for rules to judge by their words. `$` in a word stands for what only the run
#   can tell.
package verdict.command

# METADATA
# description: |
#   Each with `program` (its name without folder, lower case: some file systems do not tell cases apart, so a deny-list
#   must not either), its `words`, the `arguments` among them, and the programs that it is run `by`.
commands := [command |
	some action in input.tool.actions
	action.kind == "command"
	command := {
		"program": name(action.words[0]),
		"words": action.words,
		"arguments": array.slice(action.words, 1, count(action.words)),
		"by": {name(split(wrapper, " ")[0]) | some wrapper in action.via},
		"piped": action.piped,
	}
]

# METADATA
# description: The name of a program, without folder and without the ending that Windows gives it.
name(word) := trim_suffix(segments[count(segments) - 1], ".exe") if segments := split(replace(lower(word), `\`, "/"), "/")

# METADATA
# description: An argument is `long`, or a group of short options holds `short`.
has_option(command, _, long) if has_long(command, long)

has_option(command, short, _) if has_short(command, short)

has_short(command, short) if {
	some argument in command.arguments
	startswith(argument, "-")
	not startswith(argument, "--")
	contains(argument, short)
}

# METADATA
# description: An argument is `long`, with a value behind `=` or without, and also cut short as programs take it.
has_long(command, long) if {
	some argument in command.arguments
	startswith(argument, "--")
	count(argument) > 2
	startswith(long, split(argument, "=")[0])
}

# METADATA
# description: What stands among the arguments and is no option.
operands(command) := [argument |
	some argument in command.arguments
	not startswith(argument, "-")
]

# METADATA
# description: A part of an argument is known only by the run.
varies(command) if contains(command.arguments[_], "$")

# METADATA
# description: The first of a list, or the empty text.
first(list) := list[0] if count(list) > 0

first(list) := "" if count(list) == 0
