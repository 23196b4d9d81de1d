/**
 * JSON as OPA writes it to hash a structured file of a signed bundle: keys sorted, no space, Go's escapes with HTML left
 * alone (v1/bundle/hash.go). A file that is written this way has one digest, whether as bytes or as a value.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `{${members.map(([key, member]) => `${encodeString(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  return typeof value === 'string' ? encodeString(value) : JSON.stringify(value);
}

/** Go also escapes the two line separators that JavaScript once did not allow in a string. */
function encodeString(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}
