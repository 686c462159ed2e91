import { addressOf, endpointAddress } from '../../../model/endpoint.ts';
import { isDeclared } from '../../../model/kinds.ts';
import type { Route, RouteMatch, ValueMatch } from '../../../model/route.ts';
import { parseWish } from '../../../model/schemas.ts';
import type { Service } from '../../../model/service.ts';
import type { DeclaredState } from '../../provider.ts';
import type { Imagined } from './containers.ts';
import { UNKNOWN_PORT } from './containers.ts';

/** A service that would be there. */
export interface Outcome {
  readonly name: string;
  /** What leads to it: `web.example.com`, `web.example.com/api (GET)`. */
  readonly requests: readonly string[];
  /** `shop-web-1:80`; the port is `?` where only the image can tell it. */
  readonly endpoints: readonly string[];
}

/** The services, each with what leads to it. */
export function outcomes(objects: DeclaredState['objects'], imagined: Imagined): Outcome[] {
  const services: Service[] = [];
  const routes: Route[] = [];
  for (const { object } of objects) {
    const wish = parseWish(object);
    if (!isDeclared(wish)) services.push(wish);
    else if (wish.kind === 'Route') routes.push(wish);
  }
  const leading = Map.groupBy(
    routes.flatMap((route) => (route.to ?? []).map(({ service }) => ({ service, route }))),
    ({ service }) => service,
  );
  return services.map(({ id, host, endpoints }) => ({
    name: id,
    requests: [...(host === undefined ? [] : [host]), ...(leading.get(id) ?? []).flatMap(({ route }) => requestsOf(route))],
    endpoints: endpoints.map((each) => endpointName(addressOf(each), imagined)),
  }));
}

function requestsOf({ hosts, match = [{}] }: Route): string[] {
  return hosts.flatMap((host) => match.map((each) => host + pathText(each) + conditions(each)));
}

function pathText({ path }: RouteMatch): string {
  if (path === undefined) return '';
  if ('prefix' in path) return path.prefix;
  return 'exact' in path ? ` = ${path.exact}` : ` ~ ${path.regex}`;
}

function conditions({ methods = [], headers = {}, query = {} }: RouteMatch): string {
  const all = [
    ...methods,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${valueText(value)}`),
    ...Object.entries(query).map(([name, value]) => `?${name}=${valueText(value)}`),
  ];
  return all.length === 0 ? '' : ` (${all.join(', ')})`;
}

function valueText(value: ValueMatch): string {
  return 'exact' in value ? value.exact : '*';
}

function endpointName(address: string, { names, portless }: Imagined): string {
  const { host, port } = endpointAddress(address);
  const name = names.get(host);
  if (name === undefined) return address;
  return `${name}:${port === UNKNOWN_PORT && portless.has(name) ? '?' : port}`;
}
