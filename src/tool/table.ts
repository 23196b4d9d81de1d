/** A table whose keys may each be several names, with a space between them. */
export function tableOf<T>(rows: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(rows).flatMap(([names, value]) => names.split(' ').map((name) => [name, value])));
}
