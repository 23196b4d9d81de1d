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
