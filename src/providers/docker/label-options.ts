/** What holds for containers whose labels do not say otherwise. */
export interface LabelOptions {
  /** Whether a container counts without `envoyage.enable=true`; one with `envoyage.enable=false` never does. */
  readonly enabledByDefault: boolean;
  /** The network on which Envoys reach containers that are attached to several. */
  readonly network?: string | undefined;
  /** How long an endpoint drains after its container was told to stop, milliseconds. */
  readonly drain: number;
  /** How long a service stays after its last container, milliseconds. */
  readonly linger: number;
}

export const LABEL_DEFAULTS: LabelOptions = { enabledByDefault: false, drain: 30_000, linger: 60_000 };
