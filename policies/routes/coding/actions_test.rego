package routes.coding_test

import data.verdict.example_test as example

# By the hook of an agent that asks nobody.
by_codex(call) := object.union(call, {"http": {"path": "/v1/hooks/codex"}})

running(text) := by_codex(example.running(example.words(text)))

running_by(words, via) := by_codex(example.running_by(words, via))

acting(actions) := by_codex(example.acting(actions))

touching(access, path, place) := by_codex(example.touching(access, path, place))

# By one that asks the person before it.
confirming(text) := example.running(example.words(text))

test_programs if {
	every text in ["sudo ls", "su -", "/usr/bin/SUDO ls", "doas ls", "systemctl stop x", "crontab -r"] {
		"PROGRAM_NOT_ALLOWED" in denied with input as running(text)
	}
	every wrapper in ["sudo", "sudo -u", "/usr/bin/sudo"] {
		denied == {"PROGRAM_NOT_ALLOWED"} with input as running_by(["ls"], ["env", wrapper])
	}
}

test_unknown_program if {
	every program in ["$", "$/ls", "l$", "", "/"] {
		denied == {"PROGRAM_UNKNOWN"} with input as example.running([program, "a"])
	}
}

test_unknown_argument if {
	every text in ["rm $", "rm a/$", "chmod 755 $/a", "dd of=$", "ln -s $ a"] {
		denied == {"ARGUMENT_UNKNOWN"} with input as running(text)
	}
	denied == set() with input as running("grep $ src")
	content := {"kind": "file", "access": "delete", "path": "/home/alice/shop/dist/$", "place": "workspace"}
	denied == set() with input as acting([example.command(["rm", "dist/$"], []), content])
}

test_writes if {
	every access in ["write", "delete"] {
		every path in ["/etc/hosts", "~/.bashrc", "/home/alice/other/a.ts", "/tmp/../etc/hosts"] {
			denied == {"WRITE_OUTSIDE_WORKSPACE"} with input as touching(access, path, "outside")
		}
		every path in ["/tmp/a", "/dev/null"] {
			denied == set() with input as touching(access, path, "outside")
		}
		denied == set() with input as touching(access, "/home/alice/shop/a.ts", "workspace")
		asked == {"WRITE_APPROVAL"} with input as touching(access, "$/a.ts", "unknown")
		asked == set() with input as touching(access, "/tmp/$", "unknown")
	}
}

test_programs_without_a_question if {
	every text in [
		"ls -la",
		"git status",
		"git --no-pager diff --cached",
		"git commit -m $",
		"rg -n total src",
		"find src -name *.ts",
		"npm ci",
		"npm run build",
		"npm test",
		"cargo test",
		"go vet ./...",
		"sort a",
		"sed -n 1,20p a.ts",
	] {
		denied == set() with input as running(text)
		asked == set() with input as running(text)
	}
	asked == set() with input as acting([
		example.command(["env", "A=b", "timeout", "60", "npm", "test"], []),
		example.command(["timeout", "60", "npm", "test"], ["env"]),
		example.command(["npm", "test"], ["env", "timeout"]),
	])
}

test_programs_with_a_question if {
	every text in [
		"./ls",
		"/tmp/git status",
		"LS",
		"awk {print}",
		"curl example.com",
		"eval ls",
		"git reset --hard",
		"git -C /home/alice/other log",
		"git",
		"git config alias.x y",
		"git grep -O a",
		"git diff --output=a",
		"git fetch --upload-pack=a b",
		"find . -fprint a",
		"rg --pre a b",
		"sort -o a b",
		"sort --files0-from=a",
		"wc --files0-f a",
		"sed -n 1e a.ts",
		"sed -n $p a.ts",
		"sed -n 1p -i a.ts",
		"sed 1,20p a.ts",
		"go test -exec a ./...",
		"npm publish",
		"kubectl apply -f a",
	] {
		denied == set() with input as running(text)
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
	every via in [["xargs"], ["find -exec"], ["timeout", "xargs"]] {
		asked == set() with input as running_by(["cat", "a"], via)
		asked == {"PROGRAM_APPROVAL"} with input as running_by(["touch", "a"], via)
		asked == {"PROGRAM_APPROVAL"} with input as running_by(["sh", "-c", "a"], via)
	}
	asked == {"PROGRAM_APPROVAL"} with input as running_by(["cat", "a"], ["parallel"])
}

test_programs_that_are_confirmed if {
	every text in ["awk {print}", "python3 -c a", "node", "sed -i s/a/b/ a.ts", "git reset --hard", "git rebase -x a", "make -C .."] {
		asked == {"PROGRAM_CONFIRMATION"} with input as confirming(text)
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
		asked == {"PROGRAM_APPROVAL"} with input as object.union(running(text), {"tool": {"origin": "model"}})
	}
	every text in [
		"./node a.js", "/tmp/git reset", "kubectl apply -f a", "curl example.com", "docker run a", "git clone a",
		"git config a b", "git remote add a b", "git -c a=b reset", "git pull fork",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as confirming(text)
	}
	asked == {"PROGRAM_CONFIRMATION"} with input as example.running_by(["sed", "a"], ["xargs"])
	asked == {"PROGRAM_APPROVAL"} with input as example.running_by(["sed", "a"], ["parallel"])
	asked == {"PROGRAM_APPROVAL", "PROGRAM_CONFIRMATION"} with input as example.acting([
		example.command(["node"], []),
		example.command(["kubectl"], []),
	])
}

test_programs_of_maintainers if {
	every text in ["python3 -X dev a.py", "docker build a", "sed -i s/a/b/ a.ts", "gh pr list", "chmod 755 a.sh"] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
		asked == set() with input as example.as_maintainer(running(text))
	}
	asked == {"PROGRAM_APPROVAL"} with input as example.as_maintainer(running("gh api /user"))
}

test_remote if {
	every text in ["ssh host ls", "scp a host:", "nc host 80", "/usr/bin/rsync a b"] {
		asked == {"REMOTE_APPROVAL"} with input as running(text)
	}
	asked == {"PROGRAM_APPROVAL", "REMOTE_APPROVAL"} with input as running_by(["ls"], ["ssh"])
}

test_destinations if {
	every host in ["github.com", "localhost", "pip.readthedocs.io"] {
		asked == set() with input as example.reaching(host)
	}
	every host in ["example.com", "evil-github.com", "github.com.example.com", "readthedocs.io", "$", ""] {
		asked == {"DESTINATION_APPROVAL"} with input as example.reaching(host)
	}
}

test_packages if {
	every text in [
		"npm install",
		"npm i left-pad",
		"npm --prefix a install b",
		"npx a",
		"pnpm add a",
		"yarn",
		"pip install a",
		"python3 -m pip install a",
		"python3.12 -m pip install a",
		"uv sync",
		"cargo install a",
		"go get a",
		"apt-get install a",
		"brew install a",
		"gem install a",
		"/usr/bin/NPM install a",
	] {
		denied == set() with input as running(text)
		asked == {"PACKAGE_APPROVAL"} with input as running(text)
	}
	asked == {"PACKAGE_APPROVAL"} with input as example.as_maintainer(running("npm install a"))
}

test_programs_that_show_secrets if {
	every text in ["env", "env A=b", "printenv HOME", "set", "export -p", "gh auth token", "git credential fill", "pass a"] {
		denied == {"PROGRAM_SHOWS_SECRETS"} with input as running(text)
	}
	denied == {"PROGRAM_SHOWS_SECRETS"} with input as acting([
		example.command(["env", "-0"], []),
		example.command(["env", "A=b", "ls"], []),
		example.command(["ls"], ["env"]),
	])
	every text in ["set -e", "export A=b", "git commit -m credential"] {
		denied == set() with input as running(text)
	}
}

test_push if {
	asked == set() with input as running("git push -u origin fix-cart")
	every text in ["git push", "git push origin HEAD", "git push -f origin fix-cart", "git push fork fix-cart", "git push $ a"] {
		asked == {"PUSH_APPROVAL"} with input as running(text)
	}
	every text in ["git push origin main", "git push origin HEAD:release/2"] {
		denied == {"PUSH_ROLE_REQUIRED"} with input as running(text)
		denied == set() with input as example.as_maintainer(running(text))
		asked == set() with input as example.as_maintainer(running(text))
	}
	asked == {"PUSH_APPROVAL"} with input as example.as_maintainer(running("git push --all origin"))
}

test_runners if {
	every text in [
		"make -f a.mk",
		"make -kf a.mk",
		"make -C /home/alice/other",
		"make --eval=x",
		"make --makef a",
		"make SHELL=a",
		"npm --prefix a test",
		"npm test --script-shell=a",
		"npm test --script-sh a",
		"go test --toolexec a",
		"cargo test --config a",
		"prettier --plugin=a b",
		"jest --config a",
		"pytest -c a",
		"pytest -qp a",
		"pytest ../other",
		"pytest /home/alice/other",
		"pytest ~/a",
		"jest $",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
	every text in ["make -j4 all", "npm test -- --silent", "go test ./...", "pytest -q /home/alice/shop/test", "jest --coverage"] {
		asked == set() with input as running(text)
	}
}

test_folder_of_runners if {
	every folder in ["/home/alice/other", "..", "$", "~", "/tmp/a"] {
		asked == {"PROGRAM_APPROVAL"} with input as acting([
			example.command(["cd", folder], []),
			example.command(["make"], []),
		])
	}
	every folder in ["packages/a", "/home/alice/shop", "/home/alice/shop/packages/a"] {
		asked == set() with input as acting([
			example.command(["cd", folder], []),
			example.command(["make"], []),
		])
	}
}

test_fetch if {
	asked == set() with input as running("git fetch origin main")
	asked == set() with input as running("git fetch")
	every text in [
		"git pull", "git pull --rebase origin main", "git pull --ff-only", "git fetch --prune origin",
		"git fetch --depth=1 origin",
	] {
		asked == set() with input as running(text)
	}
	every text in [
		"git fetch https://github.com/a/b", "git fetch ../other", "git fetch $", "git pull x", "git pull $", "git clone x",
		"git pull -X origin ../other", "git fetch -o origin ../other", "git fetch --multiple origin fork",
		"git pull --upload-pack=x origin", "git pull --upload-p x origin", "git -C ../other pull",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
}

test_git if {
	every text in [
		"git merge main", "git rebase main", "git rebase -i HEAD~2", "git restore src/a.ts", "git cherry-pick -x abc123",
		"git tag v1.0", "git remote", "git remote -v", "git rm a.ts", "git rm -r packages/a",
	] {
		asked == set() with input as running(text)
	}
	every text in [
		"git rebase -x a main", "git rebase -ix a", "git rebase --exec a", "git rebase --exe a", "git -c a=b rebase",
		"git rm -r .", "git rm -r *", "git rm :/", "git rm ../a", "git rm $", "git rm a?.ts", "git rm src/[a]",
		"git remote add a b", "git remote -v add a b", "git remote set-url origin b", "git reset --hard",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
}

test_folder_of_make if {
	every text in ["make -C packages/a test", "make -C /home/alice/shop/packages/a", "make -C a -C b"] {
		asked == set() with input as running(text)
	}
	every text in [
		"make -C ..", "make -C/etc", "make -C ../other", "make -kC /etc", "make -C /tmp/a", "make -C $", "make -C -C a",
		"make --directory=a", "make --directory a", "make --dir a", "make -C a -C ..", "make a -C",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
}

returning(steps, text) := object.union(
	acting([example.command(example.words(step), []) | some step in steps]),
	{"tool": {"arguments": {"command": text}}},
)

test_way_back if {
	asked == set() with input as returning(["cd a", "make", "cd .."], "cd a && make && cd ..")
	every steps, text in {
		["cd a", "cd ..", "make"]: "cd a && cd .. && make",
		["cd ..", "make", "cd .."]: "cd .. && make && cd ..",
		["cd a", "make", "cd ../.."]: "cd a && make && cd ../..",
		["cd a", "make", "cd -"]: "cd a && make && cd -",
		["cd a", "make", "cd .."]: "for i in 1 2; do cd a; make; cd ..; done",
		["make", "cd .."]: "while make; do cd ..; done",
	} {
		asked == {"PROGRAM_APPROVAL"} with input as returning(steps, text)
	}
	every sign in [";", "\n", " & ", " || ", "|", "{ ", "(", "`"] {
		text := concat("", ["cd a && make", sign, "cd .."])
		asked == {"PROGRAM_APPROVAL"} with input as returning(["cd a", "make", "cd .."], text)
	}
	asked == {"PROGRAM_APPROVAL"} with input as object.union(
		returning(["cd a", "make", "cd .."], "cd a && make && cd .."),
		{"tool": {"arguments": ["cd a && make && cd .."]}},
	)
}

test_environment if {
	every text in ["jq -n env", "jq -n $ENV", "jq -n $", "jq -nf a.jq", "ps auxeww", "ps e", "ps -E"] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
	every text in ["jq .env.name package.json", "ps aux", "ps -ef"] {
		asked == set() with input as running(text)
	}
	every text in ["npm run env", "pnpm run env", "yarn run env", "export -fp", "declare -x", "compgen -v", "typeset"] {
		"PROGRAM_SHOWS_SECRETS" in denied with input as running(text)
	}
}

echoing(text) := object.union(running("echo $"), {"tool": {"arguments": {"command": text}}})

test_variables if {
	every text in ["echo $AWS_SECRET_ACCESS_KEY", "echo ${Api_Token:-x}", "echo $HOME $DB_PASSWORD", "echo ${!name}"] {
		asked == {"SECRET_VARIABLE_APPROVAL"} with input as echoing(text)
	}
	every text in ["echo $HOME", "echo $? token", "echo token"] {
		asked == set() with input as echoing(text)
	}
}

test_hidden_files if {
	every text in [
		"grep -r . .", "grep -rn total", "egrep -R x ./", "rg --hidden KEY", "rg -uu x .", "cp -r . /tmp/x", "diff -r . /tmp/x",
		"tar cf /tmp/x.tar .", "git add -fA", "git stash -u", "git stash push --include-untracked",
	] {
		"HIDDEN_FILES_APPROVAL" in asked with input as running(text)
	}
	"HIDDEN_FILES_APPROVAL" in asked with input as running("grep -r x /home/alice/shop/")
	every text in [
		"grep -rn total src", "grep -rn --include=*.ts total .", "grep total a.ts", "rg KEY", "rg --hidden -g x KEY",
		"rg --hidden KEY src", "cp -r src lib", "git add -A", "git stash", "git commit -f",
	] {
		not "HIDDEN_FILES_APPROVAL" in asked with input as running(text)
	}
}
