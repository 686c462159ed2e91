import { NOWHERE } from '../../model/endpoint.ts';
import type { Container, EngineState } from './container.ts';
import { type Identity, identityOf, isOneOff, projectOf } from './identity.ts';
import { LabelError, type LabelFault } from './label-fault.ts';
import { PREFIX } from './label-key.ts';
import type { LabelOptions } from './label-options.ts';
import { type Patience, type Phase, phaseOf } from './phase.ts';
import { LOCAL } from './published.ts';
import { reach, type Surroundings } from './reach.ts';
import { type Labels, readLabels, type ServiceLabels } from './read-labels.ts';
import { isNoWord, lackOfCertificate } from './service-faults.ts';
import { countsDocker } from './upstream-plan.ts';
import type { Words } from './words.ts';

/** What one container says of one service, and what it is to it now. */
export interface Claim extends Identity {
  /** Of the engine. */
  readonly host: string;
  readonly container: Container;
  readonly words: Words;
  readonly groups: readonly string[] | undefined;
  readonly phase: Phase;
  readonly endpoint: string;
}

/** Who hears of claims and faults. */
export interface Hearer {
  claim(claim: Claim): void;
  fault(host: string, container: Container, fault: LabelFault, key?: string): void;
  /** Milliseconds since the epoch: something changes then though nothing happens. */
  until(time: number): void;
}

/** All claims of the containers of one engine, in any order. */
export function readEngine(engine: EngineState, options: LabelOptions, now: number, hearer: Hearer): void {
  const byName = new Map<string, Container>();
  for (const container of engine.containers) {
    byName.set(container.name, container);
    byName.set(container.id, container);
  }
  for (const container of engine.containers) {
    if (isSubject(container)) readContainer(container, { engine, container: (name) => byName.get(name) }, options, now, hearer);
  }
}

function isSubject(container: Container): boolean {
  if (container.state === 'created' || isOneOff(container)) return false;
  for (const label in container.labels) if (label.startsWith(PREFIX)) return true;
  return false;
}

function readContainer(container: Container, around: Surroundings, options: LabelOptions, now: number, hearer: Hearer): void {
  const labels = readLabels(container.labels);
  const { drain = options.drain, linger = options.linger } = labels.container;
  const patience = { drain, linger, health: true };
  const phase = phaseOf(container, patience, now);
  if (phase.state === 'absent') return;
  // What is gone is past mending.
  const runs = container.state === 'running' || container.state === 'paused';
  const fault: Fault = (each, key) => {
    if (runs) hearer.fault(around.engine.host, container, each, key);
  };
  const enabled = isEnabled(labels, options, fault);
  if (!enabled) return;
  if (labels.faults.length > 0) return;
  if (labels.services.length === 0) {
    fault({ code: 'nothing-declared', message: 'its labels say nothing to be served', hint: 'envoyage.host=web.example.com' });
    return;
  }
  if (phase.until !== undefined) hearer.until(phase.until);
  for (const service of labels.services) readService(service, { container, labels, around, options, now, patience, hearer, fault });
}

type Fault = (fault: LabelFault, key?: string) => void;

function isEnabled({ container: { enable }, faults, services, any }: Labels, { enabledByDefault }: LabelOptions, fault: Fault): boolean {
  if (enable === false) return false;
  const unread = faults.find(({ label }) => label === `${PREFIX}enable`);
  if (unread !== undefined) {
    fault(unread);
    return false;
  }
  if (enable === undefined && !enabledByDefault) {
    // `envoyage.enabled=true` is more than a label that is missing.
    const misspelt = [...faults, ...services.flatMap((each) => each.faults)].find(({ hint }) => hint?.startsWith(`${PREFIX}enable=`));
    if (misspelt !== undefined) fault(misspelt);
    else if (any)
      fault({
        code: 'not-enabled',
        message: 'it has labels of Envoyage, and none that turns them on',
        hint: 'envoyage.enable=true, or false to leave it out in silence',
      });
    return false;
  }
  for (const each of faults) fault(each);
  return true;
}

interface Context {
  readonly container: Container;
  readonly labels: Labels;
  readonly around: Surroundings;
  readonly options: LabelOptions;
  readonly now: number;
  readonly patience: Patience;
  readonly hearer: Hearer;
  readonly fault: Fault;
}

function readService({ name, words, faults, lacks }: ServiceLabels, context: Context): void {
  const { container, labels, around, now, patience, hearer, fault } = context;
  let key: string | undefined;
  try {
    if (name !== undefined) isNoWord(name, words);
    const identity = faults.length > 0 ? identityIfAny(context, name, words) : identityOf(container, labels.container, name, words);
    key = identity?.key;
    for (const each of faults) fault(each, key);
    if (faults.length > 0 || identity === undefined) return;
    const phase = phaseOf(container, { ...patience, health: countsDocker(words) }, now);
    const endpoint = endpointOf(words, phase, context);
    if (endpoint === undefined) return;
    hearer.claim({ ...identity, host: around.engine.host, container, words, groups: labels.container.groups, phase, endpoint });
  } catch (thrown) {
    if (!(thrown instanceof LabelError)) throw thrown;
    fault(thrown.fault, key);
    return;
  }
  for (const each of lacks) fault(each, key);
  for (const each of lackOfCertificate(words)) fault(each, key);
}

/** Of a service that has faults already. */
function identityIfAny({ container, labels }: Context, name: string | undefined, words: Words): Identity | undefined {
  try {
    return identityOf(container, labels.container, name, words);
  } catch {
    return undefined;
  }
}

/** Undefined for a container that has stopped, and cannot have served before. */
function endpointOf(words: Words, phase: Phase, { container, labels, around, options }: Context): string | undefined {
  // The networks of other hosts are theirs alone.
  const usual = around.engine.host === LOCAL ? 'container' : 'host';
  const { address = usual, network } = labels.container;
  const wanted = {
    port: words.number('port'),
    address,
    network,
    usualNetwork: options.network,
    project: projectOf(container, labels.container),
    prefix: words.prefix,
  };
  try {
    return reach(container, wanted, around);
  } catch (thrown) {
    if (phase.state !== 'held' || phase.live || !(thrown instanceof LabelError)) throw thrown;
    // A container that has stopped has no addresses any more, but what it exposes it still has.
    const hasAddress = container.networks.some(({ ip = '', ipv6 = '' }) => ip !== '' || ipv6 !== '');
    return thrown.fault.code === 'port-unknown' || (thrown.fault.code === 'network-unknown' && hasAddress) ? undefined : NOWHERE;
  }
}
