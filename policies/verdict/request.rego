package verdict

import data.verdict.reason

# METADATA
# title: May this request go to the model?
# description: Every rule of the organisation and every rule of the route's policy must pass.
# entrypoint: true
request := decision(request_denials)

request_denials contains denial if some denial in data.org[_].deny

request_denials contains denial if some denial in data.routes[input.route.policy].deny

# METADATA
# title: The input must be a request of the version that these policies were written for
# custom:
#   code: INPUT_NOT_UNDERSTOOD
request_denials contains reason.of(rego.metadata.chain(), "expected an input of version 1 in phase request") if {
	not understands("request")
}

# METADATA
# title: The route must name a policy that exists
# description: Without one the reference is undefined, and nothing would deny.
# custom:
#   code: ROUTE_POLICY_UNKNOWN
request_denials contains reason.of(rego.metadata.chain(), "no policy goes by the name that the route gives") if {
	not has_policy
}

# A rule `deny` that is no set, by some mistake, would deny nothing.
has_policy if is_set(data.routes[input.route.policy].deny)

understands(phase) if {
	input.v == 1
	input.phase == phase
}
