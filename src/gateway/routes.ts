/** One route of `verdict.yaml`: which calls are its own, and what governs them. */
export interface Route {
  readonly id: string;
  readonly match: {
    /** Canonical path prefix; it matches at segment boundaries only. */
    readonly path: string;
    readonly methods: readonly string[];
    /** Only calls in this provider's dialect; undefined: any. */
    readonly provider?: 'openai' | 'anthropic';
    /** Only callers with this application; undefined: any. */
    readonly application?: string;
  };
  /** Calls to a model, messages to an MCP server, or the hooks of coding agents. */
  readonly kind: 'model' | 'mcp' | 'hook';
  /** The MCP server's name, for kind mcp. */
  readonly server?: string;
  /** Hosts whose pages may send messages here, beside this machine's own, for kind mcp. */
  readonly origins?: readonly string[];
  /** What is done to a response that proposes a tool call which is denied. */
  readonly on_denied_tool: 'error' | 'strip';
  /** The name by which policy finds the route's rules: `data.routes[policy]`. */
  readonly policy: string;
  readonly mode: 'enforce' | 'shadow';
  /** Whether policy sees the text of messages or only its digests. */
  readonly text: 'full' | 'digest';
  /** Whether its texts are labelled, and what is to be masked in them looked for. */
  readonly classify: boolean;
  /** Whose law its calls are under: ISO 3166. */
  readonly jurisdiction?: string;
  /** Kinds of text that neither policy nor record may hold, each with all kinds below it. */
  readonly input: { readonly mask: readonly string[] };
  /** Whether the record holds it. */
  readonly audit: { readonly input: 'full' | 'digest' };
}

/** The routes of the longest prefix that a path has. */
export interface RouteMatch {
  /** The path after the prefix, beginning with a slash. */
  readonly rest: string;
  /** Methods that the prefix takes, for `Allow`. */
  readonly methods: readonly string[];
  /** Its routes that take the method; empty when none does. */
  readonly candidates: readonly Route[];
  /** The same by provider and application; at most one of the four keys that a caller fits is there, conflicts being refused. */
  readonly byCaller: ReadonlyMap<string, Route>;
}

/** What tells candidates apart. */
export interface Caller {
  readonly provider: string;
  readonly application: string | null;
}

/** Two routes that one call could belong to. */
export interface RouteConflict {
  /** Places in the list of routes. */
  readonly first: number;
  readonly second: number;
}

interface Node {
  readonly children: Map<string, Node>;
  byMethod?: Map<string, MethodRoutes>;
}

interface MethodRoutes {
  readonly candidates: Route[];
  readonly byCaller: Map<string, Route>;
}

/** Paths that the gateway answers itself. */
export const RESERVED_PATHS: readonly string[] = ['/healthz', '/readyz', '/metrics', '/v1/approvals'];

const NONE: MethodRoutes = { candidates: [], byCaller: new Map() };
/** Unambiguous, because no provider's name holds a space. */
const callerKey = (provider: string | undefined, application: string | null | undefined): string =>
  `${provider ?? ''} ${application ?? ''}`;

/** Finds a call's route in time that depends on the path's segments, not on how many routes there are. */
export class Routes {
  private readonly root: Node = { children: new Map() };

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route);
  }

  /** `path` must be canonical. Undefined when no prefix matches; the longest prefix wins even when it does not take the method. */
  match(method: string, path: string): RouteMatch | undefined {
    let node = this.root;
    let found = node.byMethod;
    let end = 0; // of the longest prefix that has routes
    for (let at = 0; at < path.length; ) {
      const slash = path.indexOf('/', at + 1);
      const next = slash < 0 ? path.length : slash;
      const child = node.children.get(path.slice(at + 1, next));
      if (!child) break;
      node = child;
      at = next;
      if (node.byMethod) [found, end] = [node.byMethod, at];
    }
    if (!found) return undefined;
    const { candidates, byCaller } = found.get(method) ?? NONE;
    return { rest: path.slice(end) || '/', methods: [...found.keys()], candidates, byCaller };
  }

  /** The one candidate that is the caller's, or undefined: a shorter prefix is never tried in its place. */
  resolve(match: RouteMatch, { provider, application }: Caller): Route | undefined {
    const routes = match.byCaller;
    return (
      routes.get(callerKey(provider, application)) ??
      routes.get(callerKey(provider, null)) ??
      routes.get(callerKey(undefined, application)) ??
      routes.get(callerKey(undefined, null))
    );
  }

  private add(route: Route): void {
    let node = this.root;
    for (const segment of route.match.path.split('/').filter(Boolean)) {
      const child: Node = node.children.get(segment) ?? { children: new Map() };
      node.children.set(segment, child);
      node = child;
    }
    node.byMethod ??= new Map();
    for (const method of route.match.methods) {
      const table: MethodRoutes = node.byMethod.get(method) ?? { candidates: [], byCaller: new Map() };
      table.candidates.push(route);
      table.byCaller.set(callerKey(route.match.provider, route.match.application), route);
      node.byMethod.set(method, table);
    }
  }
}

/** Pairs of routes of the same prefix that share a method, and callers: neither would be the one right answer. */
export function findConflicts(routes: readonly Route[]): RouteConflict[] {
  const byPrefix = new Map<string, number[]>();
  const conflicts: RouteConflict[] = [];
  routes.forEach((route, second) => {
    const rivals = byPrefix.get(route.match.path) ?? [];
    for (const first of rivals)
      if (overlap((routes[first] as Route).match, route.match)) conflicts.push({ first, second });
    byPrefix.set(route.match.path, [...rivals, second]);
  });
  return conflicts;
}

function overlap(a: Route['match'], b: Route['match']): boolean {
  return (
    a.methods.some((method) => b.methods.includes(method)) &&
    (a.provider === undefined || b.provider === undefined || a.provider === b.provider) &&
    (a.application === undefined || b.application === undefined || a.application === b.application)
  );
}

/** Whether a prefix would take calls that the gateway answers itself. */
export function isReserved(prefix: string): boolean {
  return RESERVED_PATHS.some((path) => prefix === path || prefix.startsWith(`${path}/`));
}
