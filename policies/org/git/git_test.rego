package org.git_test

import data.org.git
import data.verdict.example_test as example

codes := {reason.code | some reason in git.deny_tool}

running(text) := example.running(example.words(text))

test_forced if {
	every text in [
		"git push --force origin main",
		"git push -f origin main",
		"git push --forc origin main",
		"git push --force-with-lease=main origin main",
		"git push origin +main",
		"git push origin +HEAD:refs/heads/main",
		"git push origin :main",
		"git push origin --delete master",
		"git push -d origin release/1.2",
		"git push --mirror origin",
		"git push --all --force origin",
		"git push --prune origin main",
		"git -C /home/alice/shop push -f origin main",
		"/usr/bin/git push -f origin Main",
	] {
		codes == {"PUSH_FORCED"} with input as running(text)
	}
}

test_not_forced if {
	every text in [
		"git push origin main",
		"git push -f origin fix-cart",
		"git push origin +fix-cart",
		"git push origin :fix-cart",
		"git push origin main:fix-cart --force",
		"git stash push -f main",
		"git commit -m push",
		"git status",
		"echo git push -f origin main",
	] {
		codes == set() with input as running(text)
	}
}
