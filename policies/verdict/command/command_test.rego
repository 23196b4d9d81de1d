package verdict.command_test

import data.verdict.command
import data.verdict.example_test as example

test_commands if {
	command.commands == [{
		"program": "rm",
		"words": ["/bin/RM", "-rf", "build"],
		"arguments": ["-rf", "build"],
		"by": {"sudo", "sh"},
		"piped": false,
	}] with input as example.running_by(["/bin/RM", "-rf", "build"], ["/usr/bin/sudo", "sh -c"])
	command.commands == [] with input as example.read
	command.commands == [] with input as example.openai
}

test_name if {
	command.name("ls") == "ls"
	command.name(`C:\Windows\CMD.exe`) == "cmd"
	command.name("/") == ""
	command.name("$") == "$"
}

test_has_option if {
	has := {"arguments": ["-xr", "--recursive=yes"]}
	command.has_option(has, "r", "--none")
	command.has_option(has, "q", "--recursive")
	command.has_option({"arguments": ["--force"]}, "f", "--force")
	command.has_option({"arguments": ["--rec"]}, "q", "--recursive")
	not command.has_option(has, "q", "--rec")
	not command.has_option({"arguments": ["--", "-", ""]}, "r", "--recursive")
	not command.has_option({"arguments": ["r", "--rest"]}, "r", "--recursive")
}

test_operands if {
	command.operands({"arguments": ["-r", "a", "--", "b"]}) == ["a", "b"]
}

test_varies if {
	command.varies({"arguments": ["a", "b/$"]})
	not command.varies({"arguments": ["a", "b"]})
}

test_first if {
	command.first(["a", "b"]) == "a"
	command.first([]) == ""
}
