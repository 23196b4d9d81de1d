import type { Tool } from '../input/index.ts';
import type { JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';
import { isAbsent, readArray, readName, readObject, readOptionalArray, tool } from './read.ts';

/**
 * Tools as the Responses API writes them, wherever in a call. A namespace is named, and so is each tool in it; so are the
 * skills of a container that a tool runs in. Where a remote MCP server is, only the body says (`server_url`,
 * `connector_id`, `tunnel_id`): its label is the caller's own word for it.
 */
export function readTools(list: JsonValue | undefined, path: string, digests: boolean): Tool[] {
  return readOptionalArray(list, path).flatMap((value, i) => readTool(value, `${path}[${i}]`, digests));
}

function readTool(value: JsonValue, path: string, digests: boolean): Tool[] {
  const type = readName(readObject(value, path).get('type'), `${path}.type`);
  if (!isAbsent(value.get(type)))
    throw new ProviderError(`${path}.${type}`, 'no object of this name: fields stand beside type');
  return [
    tool(nameOf(value, type, path), type, value, digests),
    ...readTools(value.get('tools'), `${path}.tools`, digests),
    ...readSkills(value.get('environment'), `${path}.environment`, digests),
    ...readSkills(value.get('container'), `${path}.container`, digests),
  ];
}

/** Only what the caller defines has a name; a `name` on a hosted tool would make it look like one of the caller's. */
function nameOf(value: JsonValue, type: string, path: string): string {
  if (type === 'mcp') return readName(value.get('server_label'), `${path}.server_label`);
  if (type === 'function' || type === 'custom' || type === 'namespace')
    return readName(value.get('name'), `${path}.name`);
  return type;
}

/** By id where the vendor keeps them, by name where they come along or lie with the caller. */
function readSkills(container: JsonValue | undefined, path: string, digests: boolean): Tool[] {
  return readOptionalArray(container?.get('skills'), `${path}.skills`).map((skill, i) => {
    const own = `${path}.skills[${i}]`;
    const id = readObject(skill, own).get('skill_id');
    const name = isAbsent(id) ? readName(skill.get('name'), `${own}.name`) : readName(id, `${own}.skill_id`);
    return tool(name, 'skill', skill, digests);
  });
}

/** An `mcp_list_tools` item: what a server is said to offer. */
export function readServerList(item: JsonValue, path: string, digests: boolean): Tool {
  readArray(item.get('tools'), `${path}.tools`);
  return tool(readName(item.get('server_label'), `${path}.server_label`), 'mcp_list_tools', item, digests);
}

const CHOICES = ['none', 'auto', 'required'];

/** Tools that `tool_choice` names and the call does not offer: hosted ones, and those of a stored prompt. */
export function readChosenTools(choice: JsonValue | undefined, offered: Tool[], digests: boolean): Tool[] {
  if (!choice || isAbsent(choice)) return [];
  const word = choice.string();
  if (word !== undefined) {
    if (!CHOICES.includes(word)) throw new ProviderError('$.tool_choice', 'none, auto, required or an object');
    return [];
  }
  const allowed = readObject(choice, '$.tool_choice').get('type')?.string() === 'allowed_tools';
  const chosen = allowed
    ? readArray(choice.get('tools'), '$.tool_choice.tools').flatMap((value, i) =>
        readTool(value, `$.tool_choice.tools[${i}]`, digests),
      )
    : readTool(choice, '$.tool_choice', digests);
  const known = new Set(offered.map(key));
  return chosen.filter((one) => !known.has(key(one)));
}

const key = ({ type, name }: Tool): string => `${type} ${name}`;
