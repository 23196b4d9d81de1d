import type { IntentKind } from './kinds.ts';

/** A pattern, with every repetition bounded; `#` stands for the start of a request (see below). */
export interface IntentRule {
  kind: IntentKind;
  name: string;
  confidence: number;
  pattern: RegExp;
}

/** Where a request begins: a sentence or a line, and what politeness puts before the verb. */
const START =
  "(?:^|[.!?:;,\\n](?=\\s)|\\band\\b|\\bthen\\b|\\bund\\b|\\bet\\b|\\by\\b)[\"'(\\s>*\\d.-]{0,8}(?:(?:please|kindly|now|just|can you|could you|would you|will you|i want you to|i need you to|i would like you to|i'd like you to|help me(?: to)?|let's|go ahead and|bitte|kannst du|können sie|s'il (?:te|vous) plaît|peux-tu|pouvez-vous|por favor|puedes)[,\\s]{1,3}){0,3}";

const anyOf = (words: string): string =>
  `(?:${words
    .split(' ')
    .map((word) => word.replaceAll('_', '\\s'))
    .join('|')})`;

const TEXT = anyOf(
  'poem story essay article e-?mail letter report summary outline draft text blog post tweet speech script song slogan caption headline description documentation docs readme proposal plan list table presentation memo announcement translation version paragraph code function class program module component query regex test tests unit_tests sql html css image picture logo gedicht geschichte brief aufsatz bericht zusammenfassung rede artikel poème histoire lettre rapport résumé discours poema historia carta informe resumen cuento discurso einladung rede text texto texte',
);
const CODE = anyOf(
  'code script program command commands snippet function test tests test_suite build query notebook cell binary file sql python bash shell powershell javascript it this skript programm befehl commande programme comando código',
);
const PERSONAL_DATA = anyOf(
  'customers? users? employees? patients? clients? accounts? contacts? members? subscribers? transactions? orders? invoices? payments? records? rows? tables? databases? data dataset datasets credentials passwords? secrets? logs? emails? messages? conversations? files? documents? repositor(?:y|ies) source_code kunden nutzer mitarbeiter patienten konten daten datenbank tabellen clientes usuarios datos clients données utilisateurs',
);
const OUTSIDE =
  '(?:to|into|as|in|nach|als|vers|a|en)\\s(?:an?\\s|my\\s|the\\s|our\\s|your\\s|eine?\\s|un\\s|une\\s)?(?:csv|excel|xlsx|spreadsheet|json|pdf|s3|bucket|shared\\s(?:drive|folder)|cloud|google\\s(?:drive|sheets?)|dropbox|pastebin|gist|webhook|ftp|usb|https?:|e-?mail|personal|external|private\\s(?:account|drive|e-?mail))';
const FILL = "(?:\\s{1,2}[\\w'’-]{1,24}){0,4}?\\s{1,2}";

const rule = (kind: IntentKind, name: string, confidence: number, source: string): IntentRule => ({
  kind,
  name,
  confidence,
  pattern: new RegExp(source.replace('#', START), 'giu'),
});

const WORD = '(?<![\\p{L}\\p{N}_])';
const ENDS = '(?![\\p{L}\\p{N}_])';

/** English, and the commonest words of German, French and Spanish. */
export const INTENT_RULES: readonly IntentRule[] = [
  rule(
    'query',
    'question-word',
    0.7,
    `#(?:what|who|whom|whose|where|when|why|how|which|is|are|was|were|do|does|did|can|could|should|will|would|has|have|was|wer|wo|wann|warum|wie|welche[rs]?|wieso|que|quoi|qui|où|quand|pourquoi|comment|quel(?:le)?s?|est-ce|qué|quién|dónde|cuándo|cómo|cuál|cuánto)${ENDS}[^?\\n]{1,300}\\?`,
  ),
  rule(
    'query',
    'explain',
    0.6,
    `#(?:explain|describe|tell me|define|compare|what does|show me how|find out|look up|erkläre?|beschreibe|explique[rz]?|décris|explica|describe)${ENDS}`,
  ),
  rule('query', 'question', 0.4, '[\\p{L}\\p{N}]{2}["\')]{0,2}[?？](?=\\s|$)'),
  rule(
    'generation',
    'write',
    0.8,
    `#(?:write|draft|compose|generate|create|make|produce|design|rewrite|rephrase|paraphrase|implement|prepare|schreibe?|verfasse|erstelle|écris|rédige|génère|crée|escribe|redacta|genera|crea)${ENDS}${FILL}${TEXT}${ENDS}`,
  ),
  rule(
    'generation',
    'compose',
    0.6,
    `#(?:write|draft|compose|schreibe?|verfasse|écris|rédige|escribe|redacta|escreve|escreva)${ENDS}\\s{1,2}(?:me\\s|us\\s|mir\\s)?(?:an?|the|some|eine?n?|une?|uma?|el|la)${ENDS}`,
  ),
  rule(
    'generation',
    'transform',
    0.7,
    `#(?:translate|summari[sz]e|rewrite|rephrase|paraphrase|proofread|shorten|refactor|übersetze|fasse|traduis|résume|traduce|resume)${ENDS}`,
  ),
  rule(
    'code_execution',
    'run',
    0.8,
    `#(?:run|execute|eval|evaluate|launch|exec|invoke|compile and run|compile|führe|starte|exécute|lance|ejecuta|executa|execute)${ENDS}${FILL}${CODE}${ENDS}`,
  ),
  rule(
    'code_execution',
    'run-program',
    0.8,
    `#(?:run|execute|compile)${ENDS}\\s{1,2}(?:npm|npx|pnpm|yarn|pip|make|git|docker|kubectl|terraform|cargo|go|pytest|python3?|node|bash|sh|mvn|gradle|curl|[\\w/-]{1,40}\\.(?:c|cpp|go|java|js|ts|py|rb|rs|sh|sql))${ENDS}`,
  ),
  rule('code_execution', 'run-command', 0.8, `#(?:run|execute|type|enter)\\s{1,2}[\`"'](?=[a-z./~$])`),
  rule(
    'agent_action',
    'do',
    0.7,
    `#(?:send|forward|reply to|book|schedule|reschedule|cancel|buy|order|purchase|pay|transfer|refund|deploy|merge|publish|post|delete|remove|deactivate|approve|submit|assign|invite|subscribe|unsubscribe|install|restart|reboot|shut down|sende|schicke|buche|bestelle|überweise|lösche|storniere|envoie|réserve|achète|supprime|annule|envía|envia|reserva|apaga|compra|borra|elimina|cancela)${ENDS}\\s{1,2}(?:an?|the|this|that|these|those|my|our|all|it|him|her|them|me|every|\\d{1,12}|die|den|das|einen?|alle|mein(?:e|en)?|le|la|les|un|une|mon|ma|ce|cette|ces|el|este|esta|uma?|os|as|o|minha|meu|los|las|una|mi)${ENDS}`,
  ),
  rule(
    'agent_action',
    'open',
    0.7,
    `#(?:add|open|create|file|close|update|raise)${ENDS}${FILL}(?:ticket|issue|pull\\srequest|merge\\srequest|case|calendar|event|meeting|appointment|invoice|account|record|reminder|branch|release)${ENDS}`,
  ),
  rule(
    'data_export',
    'export',
    0.8,
    `#(?:export|dump|download|extract|exfiltrate|back\\sup|scrape|copy|exportiere|exporte|exporta|descarga|télécharge)${ENDS}${FILL}${PERSONAL_DATA}${ENDS}`,
  ),
  rule(
    'data_export',
    'all',
    0.7,
    `#(?:list|give me|show me|get|fetch|send|print|select|output|return|read|liste|gib mir|zeige?(?: mir)?|donne-moi|dame)${ENDS}\\s{1,2}(?:all|every|each|the (?:full|whole|entire|complete)|alle|sämtliche|tous|toutes|todos|todas)${ENDS}${FILL}${PERSONAL_DATA}${ENDS}`,
  ),
  rule(
    'data_export',
    'outside',
    0.7,
    `${WORD}(?:export|upload|save|send|copy|convert|post|move|push)${ENDS}[^.!?\\n]{1,80}?${WORD}${OUTSIDE}`,
  ),
  rule('data_export', 'bulk', 0.6, `#(?:export|exportiere|exporter?|exportez|exporta|dump)${ENDS}\\s{1,2}\\p{L}`),
  rule(
    'data_export',
    'dump-of',
    0.7,
    `${WORD}(?:dump|export|backup|full copy|copy) of (?:the|all|our|every)${ENDS}${FILL}${PERSONAL_DATA}${ENDS}`,
  ),
  rule(
    'data_export',
    'extract-all',
    0.7,
    `#(?:extract|scrape|collect|harvest|download)${ENDS}\\s{1,2}(?:all|every|each|the (?:full|whole|entire|complete))${ENDS}`,
  ),
];
