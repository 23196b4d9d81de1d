import type { Call, Message, Parameters, Role, Tool } from '../input/index.ts';
import type { JsonDocument, JsonValue } from '../json/index.ts';
import { ProviderError } from './error.ts';
import {
  defined,
  isAbsent,
  largest,
  message,
  readArray,
  readFlag,
  readName,
  readNumber,
  readObject,
  readOptionalArray,
  tool,
} from './read.ts';

// Messages: https://platform.claude.com/docs/en/api/messages, beta fields included: whoever sets the beta header gets them.

const ROLES = new Set<string>(['system', 'user', 'assistant']);

type View = Pick<Call, 'model' | 'fallbacks' | 'stream' | 'parameters' | 'tools' | 'messages'>;

export function readMessages(body: JsonDocument, digests: boolean): View {
  const system = body.get('system');
  const messages = readArray(body.get('messages'), '$.messages');
  const views = messages.map((value, i) => readMessage(value, i, digests));
  const fallbacks = body.get('fallbacks');
  return {
    model: readName(body.get('model'), '$.model'),
    fallbacks: readFallbacks(fallbacks),
    stream: readFlag(body.get('stream'), '$.stream'),
    parameters: readParameters(body, fallbacks?.items() ?? []),
    tools: readTools(body, messages, digests),
    messages: system && !isAbsent(system) ? [readSystem(system, digests), ...views] : views,
  };
}

/** `fallbacks` names other models, to be used if the first one declines: policy must know of them too. */
function readFallbacks(value: JsonValue | undefined): string[] {
  if (value?.kind === 'string') return [readName(value, '$.fallbacks')];
  return readOptionalArray(value, '$.fallbacks').map((entry, i) =>
    readName(readObject(entry, `$.fallbacks[${i}]`).get('model'), `$.fallbacks[${i}].model`),
  );
}

function readParameters(body: JsonValue, fallbacks: JsonValue[]): Parameters {
  const number = (name: string): number | undefined => readNumber(body.get(name), `$.${name}`);
  const others = fallbacks.map((entry, i) => readNumber(entry.get('max_tokens'), `$.fallbacks[${i}].max_tokens`));
  return defined<Parameters>({
    max_tokens: largest([number('max_tokens'), ...others]),
    temperature: number('temperature'),
    top_p: number('top_p'),
    top_k: number('top_k'),
  });
}

/** All that lets the model act, wherever a request may put it. */
function readTools(body: JsonValue, messages: JsonValue[], digests: boolean): Tool[] {
  const tools = readOptionalArray(body.get('tools'), '$.tools').map((t, i) => readTool(t, `$.tools[${i}]`, digests));
  const servers = readOptionalArray(body.get('mcp_servers'), '$.mcp_servers').map((server, i) => {
    const path = `$.mcp_servers[${i}]`;
    return tool(readName(readObject(server, path).get('name'), `${path}.name`), 'mcp_server', server, digests);
  });
  const container = body.get('container');
  const skills = readOptionalArray(container?.get('skills'), '$.container.skills').map((skill, i) => {
    const path = `$.container.skills[${i}]`;
    return tool(readName(readObject(skill, path).get('skill_id'), `${path}.skill_id`), 'skill', skill, digests);
  });
  const inline = messages.flatMap((value, i) => readInlineTools(value.get('content'), `$.messages[${i}]`, digests));
  return [...tools, ...servers, ...skills, ...inline];
}

/** A tool with a schema is one that the caller runs: `custom` in this dialect, `function` in the neutral view. */
function readTool(value: JsonValue, path: string, digests: boolean): Tool {
  const own = readObject(value, path).get('type');
  const type = isAbsent(own) ? 'custom' : readName(own, `${path}.type`);
  if (type === 'custom') return tool(readName(value.get('name'), `${path}.name`), 'function', value, digests);
  const name = value.get('name') ?? value.get('mcp_server_name');
  return tool(isAbsent(name) ? type : readName(name, `${path}.name`), type, value, digests);
}

/** Tools defined in the middle of a conversation, by `tool_addition` blocks. */
function readInlineTools(content: JsonValue | undefined, path: string, digests: boolean): Tool[] {
  return (content?.items() ?? []).flatMap((block, i) => {
    if (block.get('type')?.string() !== 'tool_addition') return [];
    const definition = block.get('tool')?.get('definition');
    return definition ? [readTool(definition, `${path}.content[${i}].tool.definition`, digests)] : [];
  });
}

function readSystem(system: JsonValue, digests: boolean): Message {
  return message('system', contentKinds(system, '$.system'), system.raw(), digests);
}

function readMessage(value: JsonValue, index: number, digests: boolean): Message {
  const path = `$.messages[${index}]`;
  const role = readObject(value, path).get('role')?.string();
  if (role === undefined || !ROLES.has(role)) throw new ProviderError(`${path}.role`, 'system, user or assistant');
  return message(role as Role, contentKinds(value.get('content'), `${path}.content`), value.raw(), digests);
}

function contentKinds(content: JsonValue | undefined, path: string): Set<string> {
  const kinds = new Set<string>();
  if (content?.kind === 'string') kinds.add('text');
  else addBlockKinds(readArray(content, path), path, kinds);
  return kinds;
}

/** Blocks hold blocks: a tool's result may be an image. Depth is bounded by the strict check. */
function addBlockKinds(blocks: JsonValue[], path: string, kinds: Set<string>): void {
  blocks.forEach((block, i) => {
    const type = readName(readObject(block, `${path}[${i}]`).get('type'), `${path}[${i}].type`);
    kinds.add(type === 'document' ? 'file' : type);
    for (const inner of [block.get('content'), block.get('source')?.get('content')]) {
      if (inner?.kind === 'array') addBlockKinds(inner.items(), `${path}[${i}].content`, kinds);
      else if (inner?.kind === 'string') kinds.add('text');
    }
  });
}
