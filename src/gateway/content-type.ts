import type { IncomingMessage } from 'node:http';

/** A media type without its parameters, in lower case; empty if there is none. */
export const mediaTypeOf = (contentType: string | undefined): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const PARAMETER = /([\w!#$%&'+.^`|~-]+)=("[^"\\;=]*"|[\w!#$%&'*+.^`|~-]+)/; // what some parsers would read in two ways is not taken
const CONTENT_TYPE = new RegExp(`^[\\w!#$&^.+-]+/[\\w!#$&^.+-]+(?:[ \\t]*;(?:[ \\t]*${PARAMETER.source})?)*[ \\t]*$`);
const PARAMETERS = new RegExp(PARAMETER, 'g');
const UTF_8 = /^"?utf-?8"?$/i;

/**
 * Whether a client reads as UTF-8, as it was judged, what has this content type: no parser may find another charset in it. Of
 * other text than events without a charset, clients take ISO-8859-1 (RFC 2616); JSON is UTF-8 (RFC 8259), and so are events.
 */
export function isUtf8(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  if (!CONTENT_TYPE.test(contentType)) return false;
  const parameters = [...contentType.matchAll(PARAMETERS)];
  const charsets = parameters.filter(([, name]) => name?.toLowerCase() === 'charset');
  if (charsets.length > 0) return charsets.length === 1 && UTF_8.test(charsets[0]?.[2] ?? '');
  const mediaType = mediaTypeOf(contentType);
  return mediaType === 'text/event-stream' || !mediaType.startsWith('text/');
}

/** The same of a message, which must have no more than one content type. */
export function isUtf8Message({ headers, rawHeaders }: IncomingMessage): boolean {
  let types = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'content-type') types++;
  return types <= 1 && isUtf8(headers['content-type']);
}
