import { address } from './contact.ts';
import { type Item, type Language, type Piece, plant, type Sample, sample } from './piece.ts';
import { BARE, FILLER, NAMED } from './prose.ts';
import type { Random } from './random.ts';
import { aTrap } from './traps.ts';

type Genre = (random: Random, language: Language, items: readonly Item[]) => Sample;

/** Traps come as items, so that they stand where what is planted stands. */
export function trapItem(random: Random): Item {
  const { name, piece } = aTrap(random);
  return { names: { en: [name] }, key: name.toLowerCase().replaceAll(' ', '_'), pieces: [piece] };
}

/** A frame with what stands for name and value replaced. */
function framed(frame: string, name: string, value: readonly Piece[]): Piece[] {
  const [before = '', after = ''] = frame.replace('{n}', () => name).split('{v}');
  return [before, ...value, after];
}

function said(random: Random, language: Language, { names, pieces }: Item): Piece[] {
  if (!names) return framed(random.pick(BARE[language]), '', pieces);
  return framed(random.pick(NAMED[language]), random.pick(names[language] ?? names.en), pieces);
}

const isMultiline = (items: readonly Item[]): boolean =>
  items.some(({ pieces }) => pieces.some((piece) => typeof piece !== 'string' && piece.value.includes('\n')));

const prose: Genre = (random, language, items) => {
  const fill = (): string => random.pick(FILLER[language]);
  const pieces: Piece[] = [fill(), ' '];
  for (const item of items)
    pieces.push(...said(random, language, item), ' ', fill(), random.chance(0.3) ? '\n\n' : ' ');
  return sample('prose', pieces);
};

const email: Genre = (random, language, items) => {
  const from = plant('personal.email', address(random));
  const to = plant('personal.email', address(random));
  const pieces: Piece[] = [
    'From: ',
    from,
    '\nTo: <',
    to,
    `>\nSubject: ${random.pick(['Re: update', 'Question', 'AW: Termin'])}\n\n`,
  ];
  pieces.push(random.pick(FILLER[language]), '\n');
  for (const item of items) pieces.push(...said(random, language, item), '\n');
  pieces.push(
    '\n',
    random.pick(FILLER[language]),
    '\n-- \n',
    random.pick(['Best', 'VG', 'Cordialement', 'Saludos']),
    '\n',
  );
  return sample('e-mail', pieces);
};

const chat: Genre = (random, language, items) => {
  const pieces: Piece[] = [];
  const says = (): string =>
    `[${random.padded(8, 19, 2)}:${random.padded(0, 59, 2)}] ${random.pick(['anna', 'tom', 'ines'])}: `;
  for (const item of items) {
    pieces.push(
      says(),
      random.pick(FILLER[language]).toLowerCase(),
      '\n',
      says(),
      ...said(random, language, item),
      '\n',
    );
  }
  return sample('chat', pieces);
};

const ticket: Genre = (random, language, items) => {
  const pieces: Piece[] = [
    `Ticket #${random.digits(5)} (open, priority ${random.int(1, 4)})\nAssigned: second level\n\n`,
  ];
  for (const item of items) pieces.push('- ', ...said(random, language, item), '\n');
  pieces.push('\n> ', random.pick(FILLER[language]), '\n', random.pick(FILLER[language]), '\n');
  return sample('ticket', pieces);
};

const json: Genre = (random, language, items) => {
  const pieces: Piece[] = [`{"id": ${random.int(1, 99)}, "note": ${JSON.stringify(random.pick(FILLER[language]))}`];
  for (const { key, pieces: value } of items) pieces.push(`, "${key}": "`, ...value, '"');
  return sample('JSON', [...pieces, '}']);
};

/** Names stand in the head only, as far away as the row is. */
const csv: Genre = (random, _language, items) => {
  const pieces: Piece[] = [`row;${items.map(({ key }) => key).join(';')};status\n`];
  pieces.push(`${random.int(1, 400)};`, ...items.flatMap(({ pieces: value }) => [...value, ';']), 'open\n');
  return sample('CSV', pieces);
};

const log: Genre = (random, _language, items) => {
  const pieces: Piece[] = [];
  for (const { key, pieces: value } of items) {
    pieces.push(
      `2026-0${random.int(1, 9)}-1${random.int(0, 9)}T0${random.int(0, 9)}:1${random.int(0, 9)}:22.${random.digits(3)}Z `,
    );
    pieces.push(
      random.pick(['INFO', 'WARN', 'DEBUG']),
      ` [worker-${random.int(1, 9)}] request done ${key}=`,
      ...value,
      ' took=31ms\n',
    );
  }
  return sample('log', pieces);
};

const code: Genre = (random, _language, items) => {
  const names = items.map(({ key }) => key);
  const styles: Genre[] = [
    (_r, _l, all) =>
      sample(
        'code',
        [
          "import { connect } from './client.js';\n\n",
          ...all.flatMap(({ key, pieces }) => [`const ${key} = '`, ...pieces, "';\n"]),
          `\nexport async function run(limit = 10) {\n  const client = await connect(${names[0]});\n  for (let i = 0; i < limit; i++) await client.send(i);\n  return client.close();\n}\n`,
        ],
        ['source_code'],
      ),
    (_r, _l, all) =>
      sample(
        'code',
        [
          'import os\nfrom client import connect\n\n',
          ...all.flatMap(({ key, pieces }) => [`${key.toUpperCase()} = "`, ...pieces, '"\n']),
          `\ndef run(limit=10):\n    with connect(${names[0]?.toUpperCase()}) as client:\n        for i in range(limit):\n            client.send(i)\n    return limit\n`,
        ],
        ['source_code'],
      ),
    (_r, _l, all) =>
      sample(
        'code',
        [
          'public final class Settings {\n',
          ...all.flatMap(({ key, pieces }) => [
            `    private static final String ${key.toUpperCase()} = "`,
            ...pieces,
            '";\n',
          ]),
          `    public int size(List<String> all) {\n        return all == null ? 0 : all.size();\n    }\n}\n`,
        ],
        ['source_code'],
      ),
  ];
  return random.pick(styles)(random, 'en', items);
};

const PLAIN: readonly Genre[] = [prose, email, chat, ticket];

/** A text of some genre that holds the items. What runs over several lines stands in prose only. */
export function write(random: Random, language: Language, items: readonly Item[]): Sample {
  if (isMultiline(items)) return random.pick(PLAIN)(random, language, items);
  return random.pick([...PLAIN, prose, json, csv, log, code])(random, language, items);
}
