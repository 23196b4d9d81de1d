package routes.coding

import data.routes.coding.source
import data.verdict.parts
import data.verdict.person
import data.verdict.reason

# METADATA
# title: An agent works in a repository
# description: It says itself where; in a home folder or above, everything would be in its workspace.
# custom:
#   code: WORKSPACE_NOT_ALLOWED
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), "the workspace is not where repositories are") if {
	is_string(input.tool.workspace)
	not is_workspace(input.tool.workspace)
}

# METADATA
# title: Source is read in the workspace
# custom:
#   code: READ_OUTSIDE_WORKSPACE
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "a file outside the workspace would be read") if {
	some file in parts.files
	file.access == "read"
	is_outside(file)
	not begins_with(file.path, source.readable)
}

# METADATA
# title: What is read must be known
# custom:
#   code: READ_APPROVAL
#   approver: maintainer
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), "a maintainer must approve of reading what only the run can tell") if {
	not person.is_asked
	reads_unclear
}

# METADATA
# title: What is read must be known, or be right to the person before the agent
# custom:
#   code: READ_CONFIRMATION
#   approver: caller
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: mitigate
approve_tool contains reason.of(rego.metadata.chain(), "only the run can tell what would be read") if {
	person.is_asked
	reads_unclear
}

reads_unclear if {
	some file in parts.files
	file.access == "read"
	is_unclear(file)
}

# METADATA
# title: Some repositories are for some roles
# custom:
#   code: REPOSITORY_ROLE_REQUIRED
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: developer-experience
#     treatment: mitigate
deny_tool contains reason.of(rego.metadata.chain(), "this repository is for other roles than the caller's") if {
	some repository in touched_repositories
	not has_role(repository.roles)
}

# METADATA
# title: Some repositories leave for some providers only
# description: What a tool reads goes to the model that asked. A hook does not tell which that is.
# custom:
#   code: REPOSITORY_PROVIDER_NOT_ALLOWED
#   risk:
#     id: LLM02
#     year: 2025
#     title: Sensitive Information Disclosure
#     owner: developer-experience
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "the text of this repository is not for this model's provider") if {
	some repository in touched_repositories
	not may_leave(repository)
}

touched_repositories := [repository |
	some repository in source.closed
	contains(where, repository.path)
]

# Everywhere that the call is about, in one text.
where := lower(concat("//", array.flatten(["", [file.path | some file in parts.files], workspaces, ""])))

workspaces := [path |
	path := input.tool.workspace
	is_string(path)
]

may_leave(repository) if input.call.provider in repository.providers

is_workspace(path) if {
	steps := [step | some step in split(replace(lower(path), `\`, "/"), "/"); not step in {"", ".", ".."}]
	some root, depth in source.roots
	startswith($"/{concat("/", steps)}/", root)
	count(steps) >= depth
	not contains(path, "..")
}

is_inside(file) if file.place == "workspace"

# A model's call does not say where the workspace is: a plain path is taken for one in it.
is_inside(file) if {
	file.place == "unknown"
	input.tool.workspace == null
	is_plain(file.path)
}

is_outside(file) if file.place == "outside"

is_unclear(file) if {
	not is_inside(file)
	not is_outside(file)
}

is_plain(path) if {
	not has_mark(path)
	not startswith(path, "/")
}

is_plain(path) if {
	not has_mark(path)
	not contains(path, "/.")
	is_workspace(path)
}

has_mark(path) if path == ""

has_mark(path) if {
	some mark in ["$", "..", "~", `\`, ":"]
	contains(path, mark)
}

begins_with(path, prefixes) if {
	startswith(path, prefixes[_])
	not contains(path, "..")
}
