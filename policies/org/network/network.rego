# METADATA
# title: Network
# description: Where no tool call goes, whichever way it comes.
package org.network

import data.org.network.metadata_services
import data.verdict.parts
import data.verdict.reason

# METADATA
# title: No tool call asks a metadata service
# description: It hands out the credentials of the machine.
# custom:
#   code: METADATA_SERVICE
#   risk:
#     id: ASI03
#     year: 2026
#     title: Identity and Privilege Abuse
#     owner: platform-security
#     treatment: avoid
deny_tool contains reason.of(rego.metadata.chain(), "this would ask a metadata service for credentials of the machine") if {
	some host in metadata_services
	contains(places, host)
}

# Hosts, and what else may hold one: the words of programs that no action was made of, and arguments where no action tells.
places := lower(concat(" ", array.flatten([hosts, parts.words, addresses])))

hosts := [action.host |
	some action in input.tool.actions
	action.kind == "network"
	is_string(action.host)
]

addresses := [text |
	some text in parts.texts
	count(text) <= 2000
]
