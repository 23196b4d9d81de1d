# METADATA
# title: Secrets
# description: |
#   Files that hold secrets are not touched, and secrets are no arguments, whichever way a tool call comes.
package org.secrets

import data.org.secrets.harmless
import data.org.secrets.key_prefixes
import data.org.secrets.marks
import data.org.secrets.pattern_arguments
import data.org.secrets.spoken
import data.verdict.command
import data.verdict.parts
import data.verdict.paths
import data.verdict.reason

# METADATA
# title: Files that hold secrets are not read, written or named to a program
# custom:
#   code: SECRET_FILE
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"this would touch a file that holds secrets: {trim(mark, "/")}") if {
	mark := min({mark | some mark in marks; contains(named, mark)})
}

# METADATA
# title: No secret stands in the arguments
# custom:
#   code: SECRET_IN_ARGUMENTS
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), $"an argument holds what looks like a secret: {prefix}…") if {
	prefix := min({prefix | some prefix, length in key_prefixes; holds_key(prefix, length)})
}

# METADATA
# title: No private key stands in the arguments
# custom:
#   code: PRIVATE_KEY_IN_ARGUMENTS
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "an argument holds a private key") if {
	some label in split(arguments, "-----BEGIN ")
	contains(split(label, "-----")[0], "PRIVATE")
}

# Everything that may name a file, in one text, so that each mark is looked for once. A regular expression for each would
# take longer than all the rest.
named := strings.replace_n(harmless, concat("", [said, touched])) if {
	said := strings.replace_n(spoken, paths.parted(array.concat(words, strings_that_may_be_paths)))
	touched := paths.parted([paths.opened(text) | some text in array.flatten([touched_paths, asked_patterns, patterns])])
}

words := [word |
	some action in input.tool.actions
	action.kind == "command"
	some i, word in action.words
	is_string(word)
	not is_message(action.words, i)
]

# `git commit -m "Remove .env"`: what is said names no file. Behind an option that may have a value of its own, `-m` might be
# that value, and what follows it a path.
is_message(said, i) if {
	said[0] == "git"
	said[1] in {"commit", "tag"}
	said[i - 1] in messages
	not said[i - 2] in messages
	every word in array.slice(said, 2, i - 1) {
		is_valueless(word)
	}
}

messages := {"-m", "-am", "--message"}

is_valueless(word) if not startswith(word, "-")

is_valueless(word) if word in messages

is_valueless(word) if word in {"-a", "--all", "--allow-empty", "--amend", "-q", "--quiet", "-s", "--signoff"}

touched_paths := [file.path |
	some file in parts.files
	is_string(file.path)
]

# Which files a tool searches, where it says so by a pattern. `!` leaves files out.
asked_patterns := [text |
	some name in pattern_arguments
	walk(input.tool.arguments[name], [_, text])
	is_string(text)
	not leaves_out(text)
]

patterns := [pattern |
	some one in command.commands
	some pattern in paths.patterns(one)
	is_string(pattern)
]

leaves_out(text) if {
	startswith(text, "!")
	not contains(text, ",")
	not contains(text, " ")
}

strings_that_may_be_paths := [text |
	some text in parts.texts
	looks_like_path(text)
]

looks_like_path(text) if {
	count(text) <= 1000
	not contains(text, "\n")
	not is_prose(text)
}

is_prose(text) if {
	count(split(text, " ")) > 4
	not contains(text, "/")
	not contains(text, `\`)
}

arguments := json.marshal(input.tool.arguments)

# Behind the prefix stand at least so many characters as keys are made of.
holds_key(prefix, length) if {
	contains(arguments, prefix)
	some rest in array.slice(split(arguments, prefix), 1, 1000)
	key := substring(rest, 0, length)
	count(key) == length
	trim_left(key, key_characters) == ""
}

key_characters := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
