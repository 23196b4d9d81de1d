/** The one OPA that bundles are made with: `scripts/opa/go.mod` pins the same, and a test holds the two together. */
export const OPA_VERSION = '1.21.1';
