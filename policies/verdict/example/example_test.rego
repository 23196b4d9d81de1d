# METADATA
# title: Example inputs
# description: Calls that every rule allows; a test changes what its rule is about.
package verdict.example_test

subject := {
	"id": "alice",
	"method": "token",
	"issuer": "verdict",
	"roles": ["developer"],
	"tenant": null,
	"application": null,
	"verified_at": "2026-11-24T20:20:46.123Z",
	"expires": null,
}

openai := {
	"v": 1,
	"phase": "request",
	"time": "2026-11-24T20:20:46.123Z",
	"route": {"id": "support", "policy": "support", "mode": "enforce"},
	"http": {"method": "POST", "path": "/support/v1/chat/completions", "query": ""},
	"subject": subject,
	"app": null,
	"call": {
		"provider": "openai",
		"dialect": "openai-chat",
		"endpoint": "chat.completions",
		"model": "gpt-4o-mini",
		"fallbacks": [],
		"stream": false,
		"parameters": {"max_tokens": 256},
		"tools": [{"name": "lookup_order", "type": "function"}],
		"messages": [{"role": "user", "kinds": ["text"], "bytes": 12}],
		"fields": ["model", "messages", "max_tokens", "tools"],
		"betas": [],
		"bytes": 200,
	},
	"labels": [],
}

anthropic := object.union(openai, {
	"route": {"id": "coding", "policy": "coding"},
	"http": {"path": "/coding/v1/messages"},
	"call": {
		"provider": "anthropic",
		"dialect": "anthropic-messages",
		"endpoint": "messages",
		"model": "claude-sonnet-5-5",
		"parameters": {"max_tokens": 4096},
		"tools": [{"name": "edit_file", "type": "custom"}],
	},
})

models := object.union(object.remove(openai, ["call"]), {
	"http": {"method": "GET", "path": "/support/v1/models"},
	"call": {
		"provider": "openai",
		"dialect": "openai-models",
		"endpoint": "models",
		"model": null,
		"fallbacks": [],
		"stream": false,
		"parameters": {},
		"tools": [],
		"messages": [],
		"fields": [],
		"betas": [],
		"bytes": 0,
	},
})

response := object.union(openai, {
	"http": {"path": "/support/v1/responses"},
	"call": {
		"dialect": "openai-responses",
		"endpoint": "responses",
		"fields": ["model", "input", "max_output_tokens", "tools"],
	},
})

# A function call that a model proposes.
proposed := object.union(openai, {
	"phase": "tool",
	"tool": {
		"name": "lookup_order",
		"type": "function",
		"origin": "model",
		"server": null,
		"id": "call_1",
		"parent": "019ab7a2-6b2b-7c9c-9d2f-3f2b1c0d9e8f",
		"workspace": null,
		"description_sha256": null,
		"actions": [],
		"approval": null,
		"arguments": {"order": "A-17"},
	},
})

# What a coding agent's hook announces: a command.
run := object.union(object.remove(openai, ["call"]), {
	"phase": "tool",
	"route": {"id": "agents", "policy": "coding"},
	"http": {"path": "/v1/hooks/claude-code"},
	"call": null,
	"tool": {
		"name": "Bash",
		"type": "function",
		"origin": "hook",
		"server": null,
		"id": "toolu_1",
		"parent": null,
		"workspace": "/home/alice/shop",
		"description_sha256": null,
		"actions": [{"kind": "command", "words": ["git", "status"], "via": [], "dynamic": false, "piped": false}],
		"approval": null,
		"arguments": {"command": "git status"},
	},
})

# And the reading of a file.
read := object.union(run, {"tool": {
	"name": "Read",
	"actions": [{"kind": "file", "access": "read", "path": "/home/alice/shop/src/cart.ts", "place": "workspace"}],
	"arguments": {"file_path": "/home/alice/shop/src/cart.ts"},
}})

# What an agent sends over MCP.
mcp := object.union(run, {
	"http": {"path": "/tickets/mcp"},
	"tool": {
		"name": "search_tickets",
		"origin": "mcp",
		"server": "tickets",
		"id": "7",
		"workspace": null,
		"description_sha256": "68d57f4a8083bcd1a71bf67e5439728bd60f8979eb877023f26faefcdc6ee904",
		"actions": [],
		"arguments": {"words": "cart total"},
	},
})

acting(actions) := object.union(run, {"tool": {"actions": actions}})

command(words, via) := {"kind": "command", "words": words, "via": via, "dynamic": false, "piped": false}

running(words) := acting([command(words, [])])

running_by(words, via) := acting([command(words, via)])

# The program reads what another one writes.
piping(words) := acting([object.union(command(words, []), {"piped": true})])

touching(access, path, place) := acting([{"kind": "file", "access": access, "path": path, "place": place}])

reaching(host) := acting([{"kind": "network", "host": host, "port": 443}])

words(text) := split(text, " ")

as_maintainer(call) := object.union(call, {"subject": {"roles": ["maintainer"]}})

approved(call, role) := object.union(call, {"tool": {"approval": {
	"id": "019ab7a2-6b2b-7c9c-9d2f-3f2b1c0d9e8f",
	"by": {"id": "carol", "issuer": "verdict", "role": role},
	"at": "2026-11-24T20:20:00.000Z",
	"expires": "2026-11-24T20:30:00.000Z",
}}})
