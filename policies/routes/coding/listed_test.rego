package routes.coding_test

import data.verdict.example_test as example

test_where_a_program_is if {
	every text in ["command -v node", "command -V node"] {
		asked == set() with input as running(text)
	}
	every text in ["command -p node", "command node", "command"] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
}

test_docker if {
	every text in ["docker ps", "docker ps -a", "docker logs app --tail 50", "docker images"] {
		asked == set() with input as running(text)
	}
	every text in ["docker run a", "docker -H tcp://a ps", "docker exec a sh", "docker build a", "docker", "/tmp/docker ps"] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
}

test_scripts if {
	every text in [
		"node a.js",
		"node --enable-source-maps dist/a.js --port 3000",
		"node /home/alice/shop/a.js -e b",
		"node --version",
		"node --test",
		"node --test test/a.js",
		"python a.py",
		"python3 -u a.py -m b",
		"python -V",
	] {
		asked == set() with input as running(text)
	}
	every text in [
		"node",
		"node -",
		"node -e a",
		"node -pe a",
		"node --eval=a a.js",
		"node -r ./a b.js",
		"node --require=./a b.js",
		"node --import ./a b.js",
		"node --inspect a.js",
		"node -- a.js",
		"node ../a.js",
		"node a/../../b.js",
		"node /tmp/a.js",
		"node /etc/a.js",
		"node ~/a.js",
		"node $",
		"node a.js $",
		"node a.js ../b",
		"node --test a.js /etc/b.js",
		"./node a.js",
		"python",
		"python -c a",
		"python -Bc a",
		"python -i a.py",
		"python $.py",
		"python3.12 a.py",
		"perl a.pl",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
	every words in [["node", "a.js"], ["node", "--test"], ["python", "-m", "pytest"]] {
		every folder in ["..", "/tmp/a", "$"] {
			asked == {"PROGRAM_APPROVAL"} with input as acting([
				example.command(["cd", folder], []),
				example.command(words, []),
			])
		}
	}
}

test_scripts_of_a_model if {
	unplaced := {"tool": {"workspace": null}}
	asked == set() with input as object.union(running("node a.js"), unplaced)
	asked == {"PROGRAM_APPROVAL"} with input as object.union(running("node /home/alice/shop/a.js"), unplaced)
}

test_modules if {
	every text in ["python -m pytest", "python3 -B -m pytest -q test", "python -m json.tool a.json", "python -m unittest"] {
		asked == set() with input as running(text)
	}
	every text in [
		"python -m http.server",
		"python -m",
		"python -m $",
		"python -m ../a",
		"python -m pytest -c a",
		"python -m pytest -qp a",
		"python -m pytest ../other",
		"python -m mypy --config-file=a",
		"python -m json.tool ~/a.json",
		"python -m json.tool /etc/a.json",
		"node -m pytest",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
	asked == {"PACKAGE_APPROVAL"} with input as running("python -m pip install a")
}

test_servers_on_this_machine if {
	every text in [
		"curl localhost",
		"curl -s http://LOCALHOST:3000/health?a=b",
		"curl -sS -I 127.0.0.1:8080#a",
		"curl https://localhost/",
		"curl --fail --max-time 5 localhost",
		"curl -X POST -H a:b -d {\"a\":1} localhost:3000/api",
		"curl -s -o /dev/null -w %{http_code} localhost",
	] {
		asked == set() with input as running(text)
	}
	every text in [
		"curl",
		"curl -s",
		"curl -d localhost",
		"curl localhost example.com",
		"curl localhost a",
		"curl example.com",
		"curl localhost.example.com",
		"curl localhost@example.com",
		"curl http://localhost:80@example.com",
		"curl http://localhost?@example.com",
		"curl localhost/{a,b}@c",
		"curl http://localhost\\@example.com",
		"curl {localhost,example.com}",
		"curl localhost:[1-3]",
		"curl file://localhost/etc/passwd",
		"curl http:///localhost",
		"curl -o a localhost",
		"curl --output a localhost",
		"curl -O localhost",
		"curl -L localhost",
		"curl -sL localhost",
		"curl -K a localhost",
		"curl -x a localhost",
		"curl --proxy=a localhost",
		"curl -T a localhost",
		"curl -F a=@b localhost",
		"curl -b a localhost",
		"curl -d @a localhost",
		"curl --json @a localhost",
		"curl -H @a localhost",
		"curl -d@a localhost",
		"curl -w %output{a} localhost",
		"curl -H -d example.com localhost",
		"curl --url example.com localhost",
		"curl --unix-socket a localhost",
		"curl --resolve localhost:80:a localhost",
		"curl - localhost",
		"curl $ localhost",
		"curl -d $ localhost",
		"./curl localhost",
	] {
		asked == {"PROGRAM_APPROVAL"} with input as running(text)
	}
}

test_tools_of_agents if {
	every name in ["Agent", "Skill", "TaskCreate", "TaskOutput", "TaskStop", "ToolSearch", "WebSearch", "ListMcpResourcesTool"] {
		denied == set() with input as with_tool({"name": name, "actions": []})
	}
	every name in ["LSP", "Monitor", "PowerShell"] {
		denied == {"TOOL_CALL_NOT_UNDERSTOOD"} with input as with_tool({"name": name, "actions": []})
		denied == set() with input as with_tool({"name": name})
	}
	every name in ["Artifact", "RemoteTrigger", "SendUserFile", "ReadMcpResourceTool", "agent", "Agent2"] {
		denied == {"TOOL_NOT_ALLOWED"} with input as with_tool({"name": name, "actions": []})
	}
}
