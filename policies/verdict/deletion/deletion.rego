# METADATA
# title: Deletions
# description: What a pattern such as `dist/*` would delete, where the words alone hold `$`.
package verdict.deletion

import data.verdict.parts

# METADATA
# description: |
#   `rm` takes nothing that only the run can tell but patterns below named folders of the workspace: each of its operands
#   is a file action, whose place says so. An option that only the run can tell may be several words.
is_inside(one) if {
	one.program == "rm"
	one.by == set()
	not has_open_option(one)
	count(deleted) > 0
	every file in deleted {
		file.place == "workspace"
	}
}

deleted := [file | some file in parts.files; file.access == "delete"]

has_open_option(one) if {
	some argument in one.arguments
	startswith(argument, "-")
	contains(argument, "$")
}
