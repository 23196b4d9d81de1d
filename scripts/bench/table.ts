export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export interface Row {
  name: string;
  perSecond: number;
  p50: number;
  p99: number;
  cpu: number;
  ratio: number;
  cpuRatio: number;
}

/** Prints medians over the rounds; the ratios are to the first row's. */
export function printTable(title: string, rows: Row[]): void {
  const number = (value: number, digits: number): string => (Number.isNaN(value) ? '-' : value.toFixed(digits));
  console.log(title);
  const head = ['', 'requests/s', 'ratio', 'p50 ms', 'p99 ms', 'CPU µs', 'CPU ratio'];
  const lines = rows.map((row) => [
    row.name,
    number(row.perSecond, 0),
    number(row.ratio, 2),
    number(row.p50, 1),
    number(row.p99, 1),
    number(row.cpu, 0),
    number(row.cpuRatio, 2),
  ]);
  for (const [name, ...cells] of [head, ...lines]) {
    console.log(`  ${name?.padEnd(24)}${cells.map((cell) => cell.padStart(11)).join('')}`);
  }
}
