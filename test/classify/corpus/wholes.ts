import { type Sample, sample } from './piece.ts';
import { FILLER } from './prose.ts';
import type { Random } from './random.ts';

/** By kind: texts that are about it, as a whole. */
const ABOUT: Record<string, readonly string[]> = {
  'health.condition': [
    'The patient was diagnosed with type 2 diabetes last year.',
    'I have had asthma since childhood and get short of breath on stairs.',
    'Her mother suffers from rheumatoid arthritis and hypertension.',
    'He tested positive for HIV in 2019.',
    'History of depression, currently stable.',
    'Biopsy confirmed breast cancer, stage II.',
    'Bei ihm wurde Diabetes mellitus Typ 2 festgestellt.',
    'Die Patientin leidet seit Jahren an Migräne und Bluthochdruck.',
    'Le patient souffre d’une insuffisance cardiaque.',
    'On lui a diagnostiqué une sclérose en plaques.',
    'La paciente padece hipertensión y asma.',
    'Le diagnosticaron cáncer de pulmón.',
    'O doente tem diabetes tipo 1 e epilepsia.',
    'Foi-lhe diagnosticada depressão.',
  ],
  'health.medication': [
    'She takes metformin 500 mg twice a day.',
    'Prescribed amoxicillin 875 mg for ten days.',
    'He is on warfarin and must not take ibuprofen.',
    'Currently treated with sertraline 50 mg daily.',
    'Insulin glargine, 20 units at bedtime.',
    'Er nimmt täglich Ramipril 5 mg.',
    'Verordnet wurde Ibuprofen 600 mg.',
    'Il prend du paracétamol 1 g trois fois par jour.',
    'Toma omeprazol 20 mg cada mañana.',
    'Toma losartana 50 mg por dia.',
  ],
  proprietary: [
    'CONFIDENTIAL - do not distribute outside of the company.',
    'For internal use only.',
    'INTERNAL USE ONLY\nRoadmap for the second half',
    'This document is proprietary and confidential.',
    'Company Confidential. Draft 3',
    'Copyright © 2025 Contoso Ltd. All rights reserved. Unauthorised copying is prohibited.',
    'STRENG VERTRAULICH\nEntwurf',
    'Nur für den internen Gebrauch bestimmt.',
    'CONFIDENTIEL - diffusion restreinte',
    'Usage interne uniquement.',
    'CONFIDENCIAL. Solo para uso interno.',
    'Documento confidencial, uso interno.',
    'Trade secret of Acme Widgets. Subject to NDA.',
  ],
  source_code: [
    'package main\n\nimport "fmt"\n\nfunc main() {\n\tfor i := 0; i < 3; i++ {\n\t\tfmt.Println(i)\n\t}\n}\n',
    '#include <stdio.h>\n\nint main(void) {\n  printf("%d\\n", 42);\n  return 0;\n}\n',
    "SELECT c.name, SUM(o.total) FROM customers c\nJOIN orders o ON o.customer_id = c.id\nWHERE o.created_at > now() - interval '30 days'\nGROUP BY c.name;\n",
    '#!/usr/bin/env bash\nset -euo pipefail\nfor f in *.txt; do\n  mv "$f" "$(basename "$f" .txt).md"\ndone\n',
    'fn main() {\n    let v: Vec<u32> = (1..4).collect();\n    println!("{:?}", v);\n}\n',
    'class Cart < ApplicationRecord\n  has_many :items\n  def total\n    items.sum(&:price)\n  end\nend\n',
    'Why does this fail?\n```python\ndef mean(xs):\n    return sum(xs) / len(xs)\n\nprint(mean([]))\n```\n',
    "<?php\nfunction total(array $items): int {\n    return array_sum(array_column($items, 'price'));\n}\n",
    'interface User { id: number; name: string }\n\nexport const byId = (all: User[], id: number): User | undefined =>\n  all.find((u) => u.id === id);\n',
    'public static int Add(int a, int b)\n{\n    return a + b;\n}\n',
  ],
};

/** Near to them, and not about them. */
const NOT_ABOUT: readonly string[] = [
  'The health check of the server failed twice, the cluster recovered by itself.',
  'A viral post brought us many visitors; the campaign was on steroids.',
  'The old furniture is from the depression era and has a fine patina.',
  'We are patient and wait for the second offer.',
  'The report diagnoses a lack of trust between the two departments.',
  'This bug is a pain, it gives me a headache.',
  'The cancer research fund organises a run through the city.',
  'Der Patient wartet im Film auf den Zug.',
  'The confidence interval is 95 percent.',
  'She kept the surprise confidential until the party.',
  'We use the tool only internally at the moment.',
  'All rights and duties of the tenant are listed in section four.',
  'For each visitor we return a ticket if the concert is cancelled.',
  'The class begins at nine; import duties are discussed in the second half.',
  'Select a date from the calendar where you want to start.',
  'Functions of the board: (a) elect the chair; (b) approve the budget; (c) report to members.',
  'Dosage of the washing powder: 50 ml per wash, twice for heavy soil.',
  '| item | price |\n|---|---|\n| tea | 3 |\n| cake | 4 |\n',
  '# Minutes\n\n* budget (approved)\n* next date: 3 May\n',
];

export function wholeSamples(random: Random): Sample[] {
  const samples = Object.entries(ABOUT).flatMap(([kind, texts]) =>
    texts.map((text) => sample('about', [random.chance(0.5) ? text : `${random.pick(FILLER.en)}\n\n${text}`], [kind])),
  );
  return [...samples, ...NOT_ABOUT.map((text) => sample('not about', [text]))];
}
