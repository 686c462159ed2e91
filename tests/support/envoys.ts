import { findEnvoy } from '../../src/envoy/find.ts';

/** The Envoys that everything is tried with: the oldest and the newest that Envoyage speaks to. */
export const ENVOY_VERSIONS = ['1.36.2', '1.40.0'] as const;

/** Long enough to download two Envoys over a slow line; for the hook that calls `testEnvoy`. */
export const ENVOY_INSTALL_TIMEOUT_MS = 600_000;

const found = new Map<string, Promise<string>>();

/** The path of an Envoy of exactly this version, installed into the cache folder on first use; ENVOY_BIN is not asked. */
export function testEnvoy(version: (typeof ENVOY_VERSIONS)[number]): Promise<string> {
  const { ENVOY_BIN: _, ...env } = process.env;
  const path = found.get(version) ?? findEnvoy({ env: { ...env, ENVOY_VERSION: version } }).then((envoy) => envoy.path);
  found.set(version, path);
  return path;
}
