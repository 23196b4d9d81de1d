# METADATA
# title: Reasons
# description: Makes the reason of a denial, or of asking, out of the METADATA of the rule that fires and a message for the caller.
package verdict.reason

# METADATA
# description: |
#   `chain` is what rego.metadata.chain() says in the denying rule. Defined whatever the METADATA lacks: were it
#   undefined, a rule whose author forgot the code would never deny. Messages are best written as template strings,
#   which are defined even when what they name is not. Where the METADATA names an approver, the reason asks for an
#   approval by somebody with that role.
of(chain, message) := object.union(object.union(reason, risk(chain)), role(chain)) if {
	reason := {
		"code": object.get(chain[0], ["annotations", "custom", "code"], "REASON_UNDOCUMENTED"),
		"message": message,
		"rule": concat(".", array.concat(["data"], chain[0].path)),
	}
}

risk(chain) := {"risk": chain[0].annotations.custom.risk}

risk(chain) := {} if not chain[0].annotations.custom.risk

role(chain) := {"role": chain[0].annotations.custom.approver}

role(chain) := {} if not chain[0].annotations.custom.approver
