package verdict.deletion_test

import data.verdict.command
import data.verdict.deletion
import data.verdict.example_test as example

# The action of the program, and of each file that it would delete.
deleting(words, via, places) := example.acting(array.concat(
	[example.command(words, via)],
	[{"kind": "file", "access": "delete", "path": "a/$", "place": place} | some place in places],
))

is_inside(call) if {
	deletion.is_inside(command.commands[0]) with input as call
}

test_inside if {
	is_inside(deleting(["rm", "-rf", "dist/$"], [], ["workspace"]))
	is_inside(deleting(["rm", "a/$", "b"], [], ["workspace", "workspace"]))
}

test_not_inside if {
	not is_inside(deleting(["rm", "-rf", "dist/$"], [], ["unknown"]))
	not is_inside(deleting(["rm", "-rf", "dist/$", "a/$"], [], ["workspace", "unknown"]))
	not is_inside(deleting(["rm", "-rf", "dist/$", "/etc/$"], [], ["workspace", "outside"]))
	not is_inside(deleting(["rm", "-rf", "dist/$"], [], []))
	not is_inside(deleting(["rm", "-$", "dist/$"], [], ["workspace"]))
	not is_inside(deleting(["rm", "dist/$"], ["ssh"], ["workspace"]))
	not is_inside(deleting(["shred", "dist/$"], [], ["workspace"]))
}
