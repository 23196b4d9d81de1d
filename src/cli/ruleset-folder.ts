import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { parse } from 'yaml';
import { CliError, EXIT } from './exit.ts';

const DATA = /(?:^|[/\\])data\.(?:yaml|yml|json)$/;

/** What OPA makes of `classify/` in a folder of policies: `data.classify`, a file's path within it being the path of its data. */
export async function readRulesetFolder(policies: string): Promise<unknown> {
  const folder = join(policies, 'classify');
  const rules: Record<string, unknown> = {};
  for (const name of await list(folder)) {
    const at = dirname(name) === '.' ? [] : dirname(name).split(sep);
    Object.assign(memberAt(rules, at), parseData(await readFile(join(folder, name), 'utf8'), join(folder, name)));
  }
  return rules;
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { recursive: true })).filter((name) => DATA.test(name)).sort();
  } catch {
    throw new CliError(EXIT.unable, `${folder}: expected a folder with the rules of classification`);
  }
}

function memberAt(rules: Record<string, unknown>, path: readonly string[]): object {
  let at = rules;
  for (const name of path) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  return at;
}

function parseData(text: string, file: string): object {
  try {
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // said below
  }
  throw new CliError(EXIT.usage, `${file}: expected YAML or JSON with names and values`);
}
