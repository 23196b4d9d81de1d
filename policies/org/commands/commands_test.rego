package org.commands_test

import data.org.commands
import data.verdict.example_test as example

codes := {reason.code | some reason in commands.deny_tool}

test_allowed if {
	every call in [example.proposed, example.run, example.read, example.mcp] {
		codes == set() with input as call
	}
}

test_destructive if {
	every text in ["shutdown -h now", "/sbin/reboot", "mkfs.ext4 /dev/sda1", "MKFS /dev/sda1", "wipefs -a /dev/sda"] {
		codes == {"COMMAND_DESTRUCTIVE"} with input as example.running(example.words(text))
	}
	codes == {"COMMAND_DESTRUCTIVE"} with input as example.piping([":"])
	codes == set() with input as example.running([":"])
}

test_deletion_too_wide if {
	every text in [
		"rm -rf /",
		"rm -rf /*",
		"rm -fr ~",
		"rm -r -f ~/projects",
		"rm --recursive --force /etc",
		"rm --rec /etc",
		"rm -R ..",
		"rm -rf .",
		"rm -rf ./",
		"rm -rf $",
		"rm -rf $/build",
		"rm -rf build/../..",
		"rm -rf build /",
		"rm -rf /home/alice/shop",
		"rm -rf /home/alice/shop/",
		"rm -rf /home/alice/shop/.",
		"rm -rf /home/alice/shopping/a",
		"rm -rf /tmp/",
		"rm -rf",
		"rm -rf {}",
		`rm -rf C:\`,
		"rm -rf C:/",
		"/bin/rm -rf --no-preserve-root /",
		"find / -delete",
		"find -delete",
		"find -L / -delete",
		"find build / -delete",
		"find . -delete",
	] {
		codes == {"DELETION_TOO_WIDE"} with input as example.running(example.words(text))
	}
	codes == {"DELETION_TOO_WIDE"} with input as example.running_by(["rm", "-rf", "build"], ["xargs"])
	codes == {"DELETION_TOO_WIDE"} with input as example.running_by(["rm", "-rf", "build"], ["parallel"])
}

# The parser says of a pattern where it lies.
deleting_content(text, place) := example.acting([
	example.command(example.words(text), []),
	{"kind": "file", "access": "delete", "path": "dist/$", "place": place},
])

test_deletion_of_content if {
	codes == set() with input as deleting_content("rm -rf dist/$ build", "workspace")
	codes == {"DELETION_TOO_WIDE"} with input as deleting_content("rm -rf dist/$", "unknown")
	codes == {"DELETION_TOO_WIDE"} with input as deleting_content("rm -rf dist/$ /etc", "workspace")
	codes == {"DELETION_TOO_WIDE"} with input as deleting_content("rm -rf -$ dist/$", "workspace")
	codes == {"DELETION_TOO_WIDE"} with input as deleting_content("find dist/$ -delete", "workspace")
}

test_deletion if {
	every text in [
		"rm -rf build",
		"rm -rf ./build dist/a",
		"rm -rf /home/alice/shop/build",
		"rm -rf /tmp/a",
		"rm a.ts",
		"rm /etc/a",
		"find build -name *.o -delete",
		"find . -name *.o",
	] {
		codes == set() with input as example.running(example.words(text))
	}
	codes == {"DELETION_TOO_WIDE"} with input as object.union(
		example.running(["rm", "-rf", "/home/alice/shop/build"]),
		{"tool": {"workspace": null}},
	)
	codes == {"DELETION_TOO_WIDE"} with input as object.union(
		example.running(["rm", "-rf", "/etc"]),
		{"tool": {"workspace": "/"}},
	)
}

test_deletion_elsewhere if {
	every folder in ["/", "..", "~", "$", "-"] {
		codes == {"DELETION_TOO_WIDE"} with input as example.acting([
			example.command(["cd", folder], []),
			example.command(["rm", "-rf", "usr"], []),
		])
	}
	codes == {"DELETION_TOO_WIDE"} with input as example.acting([
		example.command(["cd"], []),
		example.command(["rm", "-rf", "usr"], []),
	])
	every folder in ["packages", "/home/alice/shop"] {
		codes == set() with input as example.acting([
			example.command(["cd", folder], []),
			example.command(["rm", "-rf", "build"], []),
		])
	}
}

test_mode_change_too_wide if {
	every text in ["chmod -R 777 /", "chown -R a:a ~", "chmod --recursive 777 $", "chmod -R 777"] {
		codes == {"MODE_CHANGE_TOO_WIDE"} with input as example.running(example.words(text))
	}
	every text in ["chmod -R u+w build", "chmod 755 /home/alice/shop/a.sh", "chmod +x a.sh"] {
		codes == set() with input as example.running(example.words(text))
	}
}

test_device_write if {
	codes == {"DEVICE_WRITE"} with input as example.running(["dd", "if=/dev/zero", "of=/dev/sda"])
	codes == set() with input as example.running(["dd", "if=/dev/zero", "of=a", "count=1"])
	codes == {"DEVICE_WRITE"} with input as example.touching("write", "/dev/sda", "outside")
	codes == set() with input as example.touching("write", "/dev/null", "outside")
	codes == set() with input as example.touching("write", "/dev/fd/3", "outside")
	codes == set() with input as example.touching("read", "/dev/urandom", "outside")
}

test_code_from_pipe if {
	every text in ["sh", "bash -s", "/bin/zsh", "python3", "python -", "node", "perl -"] {
		codes == {"CODE_FROM_PIPE"} with input as example.piping(example.words(text))
		codes == set() with input as example.running(example.words(text))
	}
	every text in ["grep a", "python3 count.py", "python3 -m json.tool", "jq ."] {
		codes == set() with input as example.piping(example.words(text))
	}
}
