# METADATA
# title: Governance
# description: What governs agents is not changed by their tool calls, nor is what git runs by itself.
package org.governance

import data.org.governance.git_internals
import data.org.governance.harmless
import data.org.governance.parents
import data.org.governance.reading
import data.org.governance.settings
import data.verdict.command
import data.verdict.parts
import data.verdict.paths
import data.verdict.reason

# METADATA
# title: The settings and hooks that govern agents are not changed
# custom:
#   code: GOVERNANCE_PROTECTED
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "this would change what governs agents") if changes_settings

# METADATA
# title: What git keeps for itself is not changed
# description: Its settings and hooks name programs that git runs, and say where a push goes.
# custom:
#   code: GIT_INTERNALS_PROTECTED
#   risk:
#     id: ASI05
#     year: 2026
#     title: Unexpected Code Execution (RCE)
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "this would change what git keeps for itself") if {
	contains(changed, git_internals[_])
}

changes_settings if contains(governed, settings[_])

changes_settings if contains(deleted, parents[_])

# A path that climbs may lead out of what is harmless.
governed := changed if contains(changed, "..")

governed := strings.replace_n(harmless, changed) if not contains(changed, "..")

changed := paths.parted(array.concat(written, words))

deleted := paths.parted([file.path |
	some file in files_changed
	file.access == "delete"
])

written := [file.path | some file in files_changed]

files_changed := [file |
	some file in parts.files
	file.access != "read"
	is_string(file.path)
]

# A program that is not known to read only may write whatever it names.
words := [word |
	some one in command.commands
	not reads(one)
	some word in one.words
	is_string(word)
	not startswith(word, "--exclude")
]

reads(one) if {
	reading[one.program] == true
	not find_acts(one)
}

reads(one) if command.first(one.arguments) in reading[one.program]

find_acts(one) if {
	one.program == "find"
	some option in ["-delete", "-fprint", "-fls"]
	startswith(one.arguments[_], option)
}

find_acts(one) if {
	one.program == "find"
	some other in command.commands
	"find" in other.by
	not reading[other.program] == true
}
