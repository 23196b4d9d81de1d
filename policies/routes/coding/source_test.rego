package routes.coding_test

import data.verdict.example_test as example

in_workspace(workspace) := with_tool({"workspace": workspace})

# A model's call: it does not say where it works.
proposing(path) := object.union(
	touching("read", path, "unknown"),
	{"call": example.anthropic.call, "tool": {"origin": "model", "workspace": null}},
)

test_workspace if {
	every path in ["/home/alice/shop", "/Users/alice/src/shop", `C:\Users\alice\shop`, "/workspaces/shop/a/", "/tmp/a/b"] {
		denied == set() with input as in_workspace(path)
	}
	every path in ["", "/", "/home/alice", "/home/alice/", "/home//alice/.", "/etc/a/b", "~", "/home/alice/shop/../..", "shop"] {
		denied == {"WORKSPACE_NOT_ALLOWED"} with input as in_workspace(path)
	}
}

test_read_outside if {
	every path in ["/home/alice/other/a.ts", "~/notes.md", "/etc/passwd", "/usr/lib/../../etc/passwd"] {
		denied == {"READ_OUTSIDE_WORKSPACE"} with input as touching("read", path, "outside")
	}
	every path in ["/usr/include/stdio.h", "/tmp/a", "/dev/null"] {
		denied == set() with input as touching("read", path, "outside")
		asked == set() with input as touching("read", path, "outside")
	}
}

test_read_unknown if {
	every path in ["$", "src/$", "a.ts"] {
		asked == {"READ_APPROVAL"} with input as touching("read", path, "unknown")
		asked == {"READ_CONFIRMATION"} with input as example.touching("read", path, "unknown")
	}
}

test_read_by_model if {
	every path in ["src/a.ts", "/workspaces/shop/a.ts", "/home/alice/shop/a.ts", ".github/ci.yml"] {
		asked == set() with input as proposing(path)
	}
	every path in ["", "$", "../a.ts", "~/a.ts", `C:\a.ts`, "/etc/passwd", "/home/alice/shop/.bashrc"] {
		asked == {"READ_APPROVAL"} with input as proposing(path)
	}
}

test_closed_repository if {
	call := in_workspace("/home/alice/Payments-Core")
	denied == {"REPOSITORY_PROVIDER_NOT_ALLOWED", "REPOSITORY_ROLE_REQUIRED"} with input as call
	denied == {"REPOSITORY_PROVIDER_NOT_ALLOWED"} with input as example.as_maintainer(call)
	denied == set() with input as object.union(example.as_maintainer(call), {"call": example.anthropic.call})
	denied == {"REPOSITORY_PROVIDER_NOT_ALLOWED"} with input as object.union(
		example.as_maintainer(call),
		{"call": example.openai.call},
	)
	"REPOSITORY_ROLE_REQUIRED" in denied with input as proposing("../payments-core/a.ts")
}
