import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { didYouMean } from '../lib/nearest.ts';
import { envOf, OPTION_NAMES, type OptionName } from './options.ts';
import type { Fault } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that are no start-up options: which file to read, and what the client commands go by. */
const OTHER_NAMES = ['ENVOYAGE_CONFIG', 'ENVOYAGE_SERVER', 'ENVOYAGE_TOKEN', 'ENVOYAGE_TOKEN_FILE'];

/** What Kubernetes sets in every pod beside a service called `envoyage` or `envoyage-…`: the address of that service. */
const SERVICE_LINK = /^ENVOYAGE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** The options that the environment sets. A variable that is set to nothing counts as not set, as compose files make them. */
export function readEnvironment(env: Environment): { values: ReadonlyMap<OptionName, string>; faults: readonly Fault[] } {
  const byVariable = new Map(OPTION_NAMES.map((name) => [envOf(name), name]));
  const values = new Map<OptionName, string>();
  const faults: Fault[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('ENVOYAGE_') || OTHER_NAMES.includes(variable)) continue;
    const name = byVariable.get(variable);
    if (name === undefined) {
      if (SERVICE_LINK.test(variable)) continue;
      faults.push({
        name: variable,
        message: `${variable} is not a variable that Envoyage knows${didYouMean(variable, [...byVariable.keys(), ...OTHER_NAMES])}`,
      });
    } else if (value !== undefined && value !== '') {
      values.set(name, value);
    }
  }
  return { values, faults };
}

/**
 * systemd's StateDirectory= (the first, systemd.exec(5)); for root /var/lib; else below the XDG state home, where a
 * relative one is ignored (XDG base directory specification).
 */
export function defaultDataDir(env: Environment, uid: number | undefined): string {
  const systemd = env.STATE_DIRECTORY?.split(':')[0];
  if (systemd !== undefined && systemd !== '') return systemd;
  if (uid === 0) return '/var/lib/envoyage';
  const xdg = env.XDG_STATE_HOME;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'envoyage');
  return join(env.HOME || homedir(), '.local', 'state', 'envoyage');
}
