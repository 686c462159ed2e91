/** What a client says in `node.client_features` that takes a time to live. */
const TTL_FEATURE = 'xds.config.supports-resource-ttl';
/** The same for resources with a wrapper; Envoy's page on client features spells it in the second way. */
const WRAPPER_FEATURES: readonly string[] = ['xds.config.supports-resource-in-sotw', 'xds.config.resource-in-sotw'];

/** Bits, so that a node costs a number and not a list. */
const TTL = 1;
const WRAPPED = 2;

export function ttlBits(feature: string): number {
  if (feature === TTL_FEATURE) return TTL;
  return WRAPPER_FEATURES.includes(feature) ? WRAPPED : 0;
}

/** @param bits what the node's features come to, see {@link ttlBits} */
export function takesTtl(bits: number, variant: 'delta' | 'sotw'): boolean {
  const needed = variant === 'delta' ? TTL : TTL | WRAPPED;
  return (bits & needed) === needed;
}
