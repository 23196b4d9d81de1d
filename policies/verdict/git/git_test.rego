package verdict.git_test

import data.verdict.example_test as example
import data.verdict.git

running(text) := example.running(example.words(text))

push(text) := pushed if {
	pushed := git.pushes[0] with input as running(text)
}

test_pushes if {
	push("git push origin HEAD:refs/heads/fix-cart") == {
		"remote": "origin",
		"branches": {"fix-cart"},
		"all": false,
		"forced": false,
		"known": true,
	}
	git.pushes == [] with input as running("git log push")
	git.pushes == [] with input as running("git")
	git.pushes == [] with input as running("git --version")
}

test_known if {
	every text in ["git push origin fix-cart", "git push -u origin a b", "git push origin a:b"] {
		push(text).known
	}
	every text in [
		"git push",
		"git push origin",
		"git push origin HEAD",
		"git push origin @",
		"git push origin :",
		"git push origin $",
		"git push origin refs/heads/*:refs/heads/*",
		"git push origin ^a",
		"git push --all origin",
		"git push --tags origin",
		"git push -o ci.skip origin a",
		"git push --repo=b origin a",
		"git push --receive-pack=x origin a",
		"git -c remote.origin.url=x push origin a",
	] {
		not push(text).known
	}
}

test_reaches_protected if {
	every text in ["git push origin main", "git push origin a HEAD:release/2", "git push --all origin"] {
		git.reaches_protected(push(text))
	}
	every text in ["git push origin a", "git push origin main:a", "git push"] {
		not git.reaches_protected(push(text))
	}
}
