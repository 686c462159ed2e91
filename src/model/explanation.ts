/** What happens to a request, and why nothing else does. */
export interface Explanation {
  readonly group: string;
  /**
   * `services`: it goes to one of `services`. `redirect`, `respond`: Envoy answers as the route says. `refused`: Envoy does not
   * take such a request. `no-listener`, `no-host`, `no-route`: nobody has said what to do with it. `no-service`: its route leads
   * to no service of this group.
   */
  readonly outcome: 'services' | 'redirect' | 'respond' | 'refused' | 'no-listener' | 'no-host' | 'no-route' | 'no-service';
  /** The status of Envoy's own answer; missing where a service answers or nobody does. */
  readonly status?: number;
  /** In words, where the outcome is nobody's wish. */
  readonly because?: string;
  /** As Envoy compares it. Undefined fields are those that did not come into it. */
  readonly request: { readonly method: string; readonly scheme: string; readonly host: string; readonly path: string };
  readonly listener: { readonly name: string; readonly address: string; readonly protocol: string; readonly note?: string } | null;
  /** The host, wildcard or `*` that the request's host was found under. */
  readonly host: string | null;
  /** The route and which of its matches held, from 0; null where it is the service whose host it is. */
  readonly route: { readonly name: string; readonly match: number; readonly origin?: string; readonly provider?: string } | null;
  /** Where it may go, by weight; one of each is chosen at random. */
  readonly services: readonly ExplainedService[];
  /** Targets of the route that this group does not have. */
  readonly missing: readonly string[];
  /** What the service is sent, where a route rewrites it. */
  readonly rewrite?: { readonly path?: string; readonly host?: string };
  readonly location?: string;
  readonly body?: string;
  /** Every other match of the host, in the order in which they are asked. */
  readonly others: readonly { readonly route: string; readonly match: number; readonly because: string }[];
}

export interface ExplainedService {
  readonly id: string;
  /** The provider that declares it; missing for what people own. */
  readonly provider?: string;
  /** Its part of the requests, from 0 to 1. */
  readonly share: number;
  readonly endpoints: readonly string[];
}
