# METADATA
# title: Parts
# description: What a tool call holds, for rules to look through.
package verdict.parts

# METADATA
# description: |
#   The tool's name at its server. Agents write the server in front of it; over MCP it is what the server gets, whatever it
#   begins with.
tool := name if {
	input.tool.origin == "hook"
	some prefix in [$"mcp__{input.tool.server}__", "MCP:"]
	startswith(input.tool.name, prefix)
	name := trim_prefix(input.tool.name, prefix)
} else := input.tool.name

# METADATA
# description: The files among its actions.
files := [action |
	some action in input.tool.actions
	action.kind == "file"
]

# METADATA
# description: All words of the programs among its actions.
words := [word |
	some action in input.tool.actions
	action.kind == "command"
	some word in action.words
	is_string(word)
]

# METADATA
# description: |
#   The texts among its arguments, where no action tells what it would do. Elsewhere they are none: what an editor writes
#   may speak of anything.
texts := [text |
	not tells_its_actions
	walk(input.tool.arguments, [_, text])
	is_string(text)
]

tells_its_actions if {
	input.tool.server == null
	count(input.tool.actions) > 0
}
