package org.governance_test

import data.org.governance
import data.verdict.example_test as example

codes := {reason.code | some reason in governance.deny_tool}

running(text) := example.running(example.words(text))

test_allowed if {
	every call in [example.proposed, example.run, example.read, example.mcp] {
		codes == set() with input as call
	}
}

test_settings if {
	every path in [
		"/home/alice/shop/.claude/settings.json",
		"/home/alice/shop/.Claude/settings.local.json",
		"~/.claude/hooks/verdict.sh",
		"/home/alice/shop/.claude/plans/../settings.json",
		".claude",
		".cursor/hooks.json",
		"/home/alice/shop/.gemini/settings.json",
		"~/.codex/config.toml",
		".codex/hooks.json",
		"/home/alice/shop/.mcp.json",
		".cursor/mcp.json",
		".vscode/tasks.json",
		"/home/alice/shop/.husky/pre-commit",
		".devcontainer/devcontainer.json",
		"~/.cargo/config.toml",
		".github/copilot/settings.json",
		"/home/alice/shop/.github/hooks/verdict.json",
		"~/.copilot/config.json",
		"~/.config/verdict/token",
		`C:\Users\a\.claude\settings.json`,
	] {
		every access in ["write", "delete"] {
			codes == {"GOVERNANCE_PROTECTED"} with input as example.touching(access, path, "workspace")
			codes == {"GOVERNANCE_PROTECTED"} with input as example.as_maintainer(example.touching(access, path, "outside"))
		}
		codes == set() with input as example.touching("read", path, "workspace")
	}
}

test_parents_are_kept if {
	every path in ["~/.config", "/home/alice/shop/.github/"] {
		codes == {"GOVERNANCE_PROTECTED"} with input as example.touching("delete", path, "workspace")
		codes == set() with input as example.touching("write", path, "workspace")
	}
}

test_other_files if {
	every path in [
		"/home/alice/shop/.claude/plans/a.md",
		"/home/alice/shop/.github/workflows/ci.yml",
		"/home/alice/shop/.cursor/rules/a.mdc",
		"/home/alice/shop/.gitignore",
		"/home/alice/shop/src/.config.ts",
	] {
		every access in ["write", "delete"] {
			codes == set() with input as example.touching(access, path, "workspace")
		}
	}
}

test_git_internals if {
	every path in ["/home/alice/shop/.git/config", "/home/alice/shop/.GIT/hooks/pre-commit", ".git", ".gitmodules", "a/GIT~1/config"] {
		codes == {"GIT_INTERNALS_PROTECTED"} with input as example.touching("write", path, "workspace")
		codes == {"GIT_INTERNALS_PROTECTED"} with input as example.touching("delete", path, "workspace")
		codes == set() with input as example.touching("read", path, "workspace")
	}
}

test_words if {
	every text in [
		"rm .claude/settings.json",
		"mv .claude x",
		"cp a .cursor/hooks.json",
		"tee ~/.codex/hooks.json",
		"cd .claude",
		"git checkout -- .claude/settings.json",
		"dd of=.gemini/settings.json",
		"rm .github/$",
	] {
		codes == {"GOVERNANCE_PROTECTED"} with input as running(text)
	}
	every text in [
		"cp a .git/hooks/pre-commit",
		"mv .git/config x",
		"tee .git/config",
		"ln -s a .git/hooks/pre-push",
		"sed -i s/a/b/ .git/config",
		"chmod 755 .git/hooks/pre-commit",
		"git -C .git config",
		"find .git -delete",
		"find .git -fprint .git/config",
		"touch .gitmodules",
	] {
		codes == {"GIT_INTERNALS_PROTECTED"} with input as running(text)
	}
	every text in [
		"cat .claude/settings.json",
		"ls -la .git/hooks",
		"find . -not -path ./.git/*",
		"git diff .claude",
		"tar --exclude=.git/ -cf a.tar src",
		"git status",
	] {
		codes == set() with input as running(text)
	}
}

test_what_find_runs if {
	codes == {"GIT_INTERNALS_PROTECTED"} with input as example.acting([
		example.command(["find", ".git/hooks", "-exec", "rm", "{}", ";"], []),
		example.command(["rm", "{}"], ["find -exec"]),
	])
	codes == set() with input as example.acting([
		example.command(["find", ".git/hooks", "-exec", "cat", "{}", ";"], []),
		example.command(["cat", "{}"], ["find -exec"]),
	])
}

test_what_is_no_text_names_nothing if {
	codes == set() with input as example.acting([
		{"kind": "file", "access": "write", "path": 7, "place": "workspace"},
		{"kind": "command", "words": ["rm", 7], "via": [], "piped": false},
	])
}
