import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { report } from '../../src/providers/agents/agents.fixture.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { Authority } from '../support/certificates.ts';
import { queryOf, readDashboard } from '../support/dashboard.ts';
import { connectInSync, type DiscoveryClient } from '../support/discovery-client.ts';
import { parsePrometheus } from '../support/prometheus.ts';
import { PrometheusServer, prometheusFolder, promtool } from '../support/prometheus-server.ts';
import { ToldProvider } from '../support/told-provider.ts';
import { waitFor } from '../support/wait.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = resolve(ROOT, 'examples/observability');
const dashboard = readDashboard(resolve(EXAMPLES, 'dashboard.json'));
const alerts = parse(readFileSync(resolve(EXAMPLES, 'alerts.yml'), 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] };
const alertRules = alerts.groups.flatMap(({ rules }) => rules);
const expressions = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ refId, expr }) => ({ title, refId, expr })));

let api: TestApi;
const clients: DiscoveryClient[] = [];

beforeAll(async () => {
  await prometheusFolder();
  // Far more than there are publications: the wait is counted where there is a limit.
  const folder = tempFolder();
  const provider = new ToldProvider('told');
  api = await TestApi.start({ 'push-limit': ['1000'], agents: true, 'provider-module': [provider.moduleIn(folder.path)] }, {}, folder);
  provider.say([{ kind: 'Service', name: 'told', endpoints: ['a:1'] }]);
  expect((await api.raw('PUT', '/api/v1/agents/h1', { body: report([]) })).status).toBe(200);
  const certificate = { kind: 'Certificate', name: 'web', ...new Authority('Test CA').issue({ dns: ['web.example.com'] }) };
  expect((await api.raw('POST', '/api/v1/apply', { body: { objects: [{ object: certificate }] } })).status).toBe(200);
  clients.push(
    await connectInSync(api, 'a'),
    await connectInSync(api, 'b', { group: 'edge' }),
    await connectInSync(api, 'c', { group: 'edge', manner: 'reject' }),
  );
  await change();
});

afterAll(async () => {
  for (const client of clients) client.close();
  await api.close();
});

let port = 0;
async function change(): Promise<void> {
  port++;
  await api.raw('PUT', '/api/v1/services/web.example.com?wait=acked', { body: { host: 'web.example.com', endpoints: [`web-a:${port}`] } });
}

const scrape = async () => (await api.raw('GET', '/metrics')).text;
/** Names of families in a query; those of a histogram's parts lead to it. */
const namesIn = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:envoyage|process|nodejs)_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));

describe('docs/metrics.md', () => {
  it('has every metric with its type and its labels, and no other', async () => {
    const rows = [...readFileSync(resolve(ROOT, 'docs/metrics.md'), 'utf8').matchAll(/^\| `(envoyage_\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$/gm)];
    const documented = Object.fromEntries(
      rows.map(([, name = '', type, labels = '']) => [name, `${type} ${[...labels.matchAll(/\w+/g)].map(([label]) => label).toSorted()}`]),
    );
    const exported = [...parsePrometheus(await scrape())].filter(([name]) => name.startsWith('envoyage_'));
    const real = exported.map(([name, { type, samples }]): [string, string] => {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      labels.delete('le');
      return [name, `${type} ${[...labels].toSorted()}`];
    });
    expect(documented).toEqual(Object.fromEntries(real));
    expect(rows).toHaveLength(real.length);
  });
});

describe('the metrics', () => {
  it('are as promtool would have them', async () => {
    // Node's own names are not ours to choose.
    const own = (await scrape()).split(/\n\n/).filter((text) => /^# HELP envoyage_/.test(text));
    expect(own.length).toBeGreaterThan(20);
    await promtool(['check', 'metrics'], `${own.join('\n').trim()}\n`);
  });

  it('are seen by promtool, which finds a name that breaks the conventions', async () => {
    await expect(promtool(['check', 'metrics'], '# HELP requests Requests.\n# TYPE requests counter\nrequests 1\n')).rejects.toThrow(/_total/);
  });
});

describe('the alert rules', () => {
  it('are valid, as is the scrape configuration', async () => {
    expect(await promtool(['check', 'config', resolve(EXAMPLES, 'prometheus.yml')])).toContain('SUCCESS');
  });

  it('fire where they should, and not where all is well', async () => {
    expect(await promtool(['test', 'rules', resolve(ROOT, 'tests/prometheus/alerts.test.yml')])).toContain('SUCCESS');
  });

  it('are each tried in both ways', () => {
    const { tests } = parse(readFileSync(resolve(ROOT, 'tests/prometheus/alerts.test.yml'), 'utf8')) as {
      tests: { alert_rule_test: { alertname: string }[]; promql_expr_test?: { exp_samples: { labels: string }[] }[] }[];
    };
    const names = alertRules.map(({ alert }) => alert).toSorted();
    expect(tests[0]?.alert_rule_test.map(({ alertname }) => alertname).toSorted()).toEqual(names);
    const firing = tests[1]?.promql_expr_test?.[0]?.exp_samples.map(({ labels }) => /"(\w+)"/.exec(labels)?.[1]);
    expect(firing?.toSorted()).toEqual(names);
  });
});

describe('the dashboard', () => {
  it('is as Grafana has them, on one screen, with no panel over another', () => {
    expect(dashboard).toMatchObject({ uid: 'envoyage', title: 'Envoyage' });
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['instance', 'query'],
      ['group', 'query'],
    ]);
    const cells = new Set<string>();
    let area = 0;
    for (const { title, type, description, gridPos, datasource, targets, fieldConfig } of dashboard.panels) {
      expect(['stat', 'timeseries'], title).toContain(type);
      expect(description, title).not.toBe('');
      expect(fieldConfig.defaults.unit, title).not.toBe('');
      for (const source of [datasource, ...targets.map((target) => target.datasource)])
        expect(source, title).toEqual({ type: 'prometheus', uid: expect.stringMatching(/^\$\{datasource\}$/) as unknown });
      expect(
        targets.map(({ refId }) => refId),
        title,
      ).toEqual(['A', 'B', 'C', 'D'].slice(0, targets.length));
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      expect(y + h, title).toBeLessThanOrEqual(26);
      area += w * h;
      for (let column = x; column < x + w; column++) for (let row = y; row < y + h; row++) cells.add(`${column} ${row}`);
    }
    expect(cells.size).toBe(area);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(dashboard.panels.length).toBeGreaterThan(10);
  });

  it('asks, as the alerts do, for metrics that there are', async () => {
    const known = new Set(parsePrometheus(await scrape()).keys());
    for (const { title, expr } of expressions) for (const name of namesIn(expr)) expect(known, title).toContain(name);
    for (const { alert, expr } of alertRules) for (const name of namesIn(expr)) expect(known, alert).toContain(name);
    expect(expressions.every(({ expr }) => namesIn(expr).length > 0)).toBe(true);
  });

  it('gets data from a real Prometheus for every query, and the rules are evaluated', async () => {
    const prometheus = await PrometheusServer.start(`127.0.0.1:${api.port}`, resolve(EXAMPLES, 'alerts.yml'));
    try {
      const missing = new Set(expressions);
      await waitFor('data for every panel', async () => {
        await change();
        for (const each of missing) {
          const series = await prometheus.query(queryOf(each.expr, dashboard, '10s'));
          if (series.length > 0 && series.every(({ value }) => Number.isFinite(value))) missing.delete(each);
        }
        return missing.size === 0;
      }).catch((thrown: unknown) => {
        throw new Error(`${String(thrown)}: ${JSON.stringify([...missing])}`);
      });
      for (const variable of dashboard.templating.list) {
        const query = typeof variable.query === 'string' ? variable.query : variable.query.query;
        const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
        if (variable.type !== 'query') continue;
        const values = new Set((await prometheus.query(queryOf(series, dashboard, '10s'))).map(({ metric }) => metric[label]));
        expect([...values].toSorted(), variable.name).toEqual(label === 'group' ? ['default', 'edge'] : [`127.0.0.1:${api.port}`]);
      }
      const rules = await waitFor('the rules to be evaluated', async () => {
        const all = await prometheus.rules();
        return all.length === alertRules.length && all.every(({ health }) => health !== 'unknown') ? all : undefined;
      });
      expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    } finally {
      await prometheus.close();
    }
  });
});
