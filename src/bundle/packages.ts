/** One segment of a reference as OPA prints it: `.name` or `["any text"]`. */
const SEGMENT = String.raw`(?:\.[A-Za-z_]\w*|\["(?:[^"\\]|\\.)*"\])`;
const ORG = new RegExp(`^data\\.org(?:${SEGMENT})*$`);
const TOPIC = new RegExp(`^data\\.org${SEGMENT}$`);

/**
 * Packages with rules under `org` that are no topic of their own, such as `org.a.b`. The composer asks
 * `data.org[topic].deny`; a rule deeper down, or in `org` itself, would look like one that every call must pass, and deny nothing.
 * @param namespaces files by package, as `opa inspect` lists them
 */
export function unaskedPackages(namespaces: Readonly<Record<string, readonly string[]>>): string[] {
  const withRules = Object.entries(namespaces).filter(([, files]) => files.some(hasRules));
  return withRules.map(([name]) => name).filter((name) => ORG.test(name) && !TOPIC.test(name));
}

const hasRules = (file: string): boolean => file.endsWith('.rego') && !file.endsWith('_test.rego');
