import { readFileSync } from 'node:fs';

interface Source {
  readonly type: string;
  readonly uid: string;
}

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: Source;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: Source;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly Target[];
  readonly fieldConfig: {
    readonly defaults: { readonly unit: string };
    readonly overrides: readonly { readonly matcher: { readonly id: string; readonly options: string } }[];
  };
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
  readonly allValue?: string;
}

/** A dashboard of Grafana, as far as the tests look (grafana.com/docs, "Dashboard JSON model"). */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

export function readDashboard(path: string): Dashboard {
  return JSON.parse(readFileSync(path, 'utf8')) as Dashboard;
}

/** The query as Grafana sends it with all variables at "All". */
export function queryOf(expr: string, { templating }: Dashboard, rateInterval: string): string {
  let text = expr.replaceAll('$__rate_interval', rateInterval);
  for (const { name, allValue } of templating.list) if (allValue !== undefined) text = text.replaceAll(`$${name}`, allValue);
  return text;
}
