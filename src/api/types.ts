/** The shapes of the HTTP API, as its clients see them. The OpenAPI document at /openapi.json says the same. */
export type * from './types/certificates.ts';
export type * from './types/daemon.ts';
export type * from './types/events.ts';
export type * from './types/nodes.ts';
export type * from './types/objects.ts';
export type * from './types/overrides.ts';
export type * from './types/providers.ts';
export type * from './types/resources.ts';
export type * from './types/revisions.ts';
export type * from './types/rollout.ts';
export type * from './types/safety.ts';
export type * from './types/services.ts';
