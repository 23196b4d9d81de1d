package routes.coding

import data.routes.coding.actions
import data.verdict.command

# Programs that run without a question only in some of their forms.

# `command -v node` says where a program is.
is_listed(one) if {
	one.program == "command"
	one.arguments[0] in {"-v", "-V"}
}

is_listed(one) if {
	one.program == "git"
	one.arguments in [["remote"], ["remote", "-v"]]
}

# A script of the workspace, or a question such as `node --version`: no code stands in the words, or comes from elsewhere.
is_listed(one) if {
	options := actions.languages[one.program].options
	position := first_but(one, options)
	in_workspace(one.arguments[position])
	stays(one)
}

is_listed(one) if {
	alone := actions.languages[one.program].alone
	count(one.arguments) > 0
	every argument in one.arguments {
		argument in alone
	}
	stays(one)
}

# `python -m pytest`
is_listed(one) if {
	startswith(one.program, "python")
	options := actions.languages[one.program].options
	position := first_but(one, options)
	one.arguments[position] == "-m"
	module := {
		"program": one.arguments[position + 1],
		"arguments": array.slice(one.arguments, position + 2, count(one.arguments)),
	}
	module.program in actions.modules
	not has_option_asked(module)
	stays(one)
}

first_but(one, options) := min({i | some i, argument in one.arguments; not argument in options})

stays(one) if {
	not strays
	every argument in one.arguments {
		not leads_out(argument)
	}
}

# `curl` of a server on this machine. A value never begins with a dash here, so that it is plain which words are values.
is_listed(one) if {
	one.program == "curl"
	not command.varies(one)
	every i, _ in one.arguments {
		is_plain_for_curl(one, i)
	}
	some i, _ in one.arguments
	is_address(one, i)
}

is_plain_for_curl(one, i) if {
	is_address(one, i)
	is_local(one.arguments[i])
}

is_plain_for_curl(one, i) if {
	not is_value(one, i)
	one.arguments[i] in array.concat(actions.curl.bare, actions.curl.valued)
}

is_plain_for_curl(one, i) if {
	not is_value(one, i)
	letters := trim_prefix(one.arguments[i], "-")
	letters != one.arguments[i]
	letters != ""
	trim_left(letters, actions.curl.letters) == ""
}

is_plain_for_curl(one, i) if {
	is_value(one, i)
	not is_special(one.arguments[i])
	not one.arguments[i - 1] in {"-o", "--output"}
}

is_plain_for_curl(one, i) if {
	one.arguments[i - 1] in {"-o", "--output"}
	one.arguments[i] == "/dev/null"
}

is_address(one, i) if {
	not is_value(one, i)
	not startswith(one.arguments[i], "-")
}

is_value(one, i) if one.arguments[i - 1] in actions.curl.valued

# A file, an option, or `%output{file}` of `--write-out`.
is_special(value) if startswith(value, "@")

is_special(value) if startswith(value, "-")

is_special(value) if contains(value, "output{")

is_local(address) if {
	parts := split(split(replace(replace(without_scheme(lower(address)), "?", "/"), "#", "/"), "/")[0], ":")
	parts[0] in actions.local
	every port in array.slice(parts, 1, count(parts)) {
		trim_left(port, "0123456789") == ""
	}

	# Readers differ on where a host ends.
	not contains(address, "@")
}

without_scheme(address) := trim_prefix(address, "https://") if startswith(address, "https://")

without_scheme(address) := trim_prefix(address, "http://") if not startswith(address, "https://")
