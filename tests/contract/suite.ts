import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressOf } from '../../src/model/endpoint.ts';
import { isService } from '../../src/model/kinds.ts';
import type { ProviderStatus } from '../../src/model/provider-status.ts';
import { Aggregator } from '../../src/providers/aggregator.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';

/** Services by name, each with the addresses of its endpoints. */
export type Services = Readonly<Record<string, readonly string[]>>;

/** A provider over a source that a test has in its hand. */
export interface Harness {
  readonly provider: Provider;
  /** Makes the source hold exactly these; resolves when it does, not when anybody has noticed. */
  set(services: Services): Promise<void> | void;
  /** Makes the source hold these, and one object more that is wrong, called `wrong` where objects have names there. */
  setWithGarbage(services: Services): Promise<void> | void;
  /** The source cannot be read until `back`; missing where there is none that could be away. */
  away?(): Promise<void> | void;
  back?(): Promise<void> | void;
  close(): Promise<void> | void;
}

export interface SuiteOptions {
  /** True where somebody else tells the provider what there is, so that it has nothing to lose. */
  readonly isTold?: boolean;
  /** Where the names of services in the registry are others than in the source. */
  nameOf?(service: string): string;
  /** What the source shows of an endpoint, where it shows other addresses than it was given. */
  addressOf?(address: string): string;
}

const PATIENCE = { timeout: 30_000, interval: 20 };

/**
 * What every provider has to do, over the real aggregator and the real registry.
 * @param make a harness whose source holds nothing
 */
export function describeProvider(name: string, make: () => Promise<Harness> | Harness, options: SuiteOptions = {}): void {
  const named = (service: string): string => options.nameOf?.(service) ?? service;
  const seenAs = (address: string): string => options.addressOf?.(address) ?? address;

  describe(`the provider ${name}`, () => {
    const cleanups: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    });

    async function started(
      services: Services = {},
    ): Promise<Harness & { readonly registry: Registry; readonly aggregator: Aggregator; status(): ProviderStatus }> {
      const folder = mkdtempSync(join(tmpdir(), 'envoyage-contract-'));
      cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
      const registry = openRegistry({ dataDir: folder });
      cleanups.push(() => registry.close());
      const harness = await make();
      cleanups.push(() => harness.close());
      await harness.set(services);
      const aggregator = new Aggregator({ objects: registry, providers: [harness.provider] });
      cleanups.push(() => aggregator.stop());
      aggregator.start();
      return { ...harness, registry, aggregator, status: () => aggregator.get(harness.provider.name) };
    }

    function held(registry: Registry): Record<string, readonly string[]> {
      const found = [...registry.objects('Service')].filter(isService).map(
        ({ id, endpoints }) =>
          [
            id,
            endpoints
              .filter((each) => typeof each === 'string' || each.state !== 'disabled')
              .map(addressOf)
              .toSorted(),
          ] as const,
      );
      return Object.fromEntries(found.filter(([, endpoints]) => endpoints.length > 0));
    }

    const expected = (services: Services): Record<string, readonly string[]> =>
      Object.fromEntries(Object.entries(services).map(([service, addresses]) => [named(service), addresses.map(seenAs).toSorted()]));

    async function until(registry: Registry, services: Services): Promise<void> {
      await vi.waitFor(() => {
        expect(held(registry)).toEqual(expected(services));
      }, PATIENCE);
    }

    it('tells what is there when it starts, and says that it is well', async () => {
      const { registry, status, aggregator, provider } = await started({ web: ['10.0.0.1:80', '10.0.0.2:80'], api: ['10.0.0.3:80'] });
      await until(registry, { web: ['10.0.0.1:80', '10.0.0.2:80'], api: ['10.0.0.3:80'] });
      await aggregator.sources()[0]?.synced;
      await vi.waitFor(() => expect(status().state).toBe('ok'), PATIENCE);
      expect(status()).toMatchObject({ name: provider.name, problemCount: 0, objects: { Service: 2 } });
      for (const object of registry.objects('Service')) expect([object.provider, typeof object.origin]).toEqual([provider.name, 'string']);
    });

    it('follows what is added, changed and taken away', async () => {
      const { registry, set } = await started();
      await set({ web: ['10.0.0.1:80'] });
      await until(registry, { web: ['10.0.0.1:80'] });
      await set({ web: ['10.0.0.1:80', '10.0.0.2:80'], api: ['10.0.0.3:80'] });
      await until(registry, { web: ['10.0.0.1:80', '10.0.0.2:80'], api: ['10.0.0.3:80'] });
      await set({ api: ['10.0.0.4:80'] });
      await until(registry, { api: ['10.0.0.4:80'] });
      await set({});
      await until(registry, {});
    });

    it('comes to the end of a burst, in fewer steps than that had', async () => {
      const { registry, set } = await started({ web: ['10.0.0.1:80'] });
      await until(registry, { web: ['10.0.0.1:80'] });
      const before = registry.revision;
      let last: Services = {};
      for (let n = 1; n <= 30; n++) {
        last = { web: [`10.0.1.${n}:80`], ...Object.fromEntries(Array.from({ length: n % 7 }, (_, i) => [`s${i}`, [`10.0.2.${i + 1}:80`]])) };
        await set(last);
      }
      await until(registry, last);
      expect(registry.revision - before).toBeLessThan(30);
    });

    it('reads everything anew when it is told to', async () => {
      const { registry, aggregator, provider, status } = await started({ web: ['10.0.0.1:80'] });
      await until(registry, { web: ['10.0.0.1:80'] });
      const { published } = status().counts;
      const { revision } = registry;
      await aggregator.resync(provider.name);
      expect(status().counts.published).toBeGreaterThan(published);
      expect(registry.revision).toBe(revision);
    });

    it('keeps what was good of what is wrong, and says what is wrong and where', async () => {
      const { registry, setWithGarbage, set, status } = await started({ web: ['10.0.0.1:80'] });
      await until(registry, { web: ['10.0.0.1:80'] });
      await setWithGarbage({ web: ['10.0.0.2:80'], api: ['10.0.0.3:80'] });
      await vi.waitFor(() => {
        const { state, problems } = status();
        expect(state).toBe('degraded');
        expect(problems.map(({ origin, message }) => [typeof origin, message !== ''])).toContainEqual(['string', true]);
      }, PATIENCE);
      await until(registry, { web: ['10.0.0.2:80'], api: ['10.0.0.3:80'] });
      await set({ web: ['10.0.0.2:80'] });
      await until(registry, { web: ['10.0.0.2:80'] });
      await vi.waitFor(() => expect(status()).toMatchObject({ state: 'ok', problemCount: 0 }), PATIENCE);
    });

    it('does nothing more once it is stopped, and may be stopped twice', async () => {
      const { registry, aggregator, provider, set } = await started({ web: ['10.0.0.1:80'] });
      await until(registry, { web: ['10.0.0.1:80'] });
      await aggregator.stop();
      await provider.stop();
      const { revision } = registry;
      await set({ web: ['10.0.0.9:80'] });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(registry.revision).toBe(revision);
      expect(held(registry)).toEqual(expected({ web: ['10.0.0.1:80'] }));
    });

    it('publishes nothing while it is paused, and takes it up again', async () => {
      const { registry, aggregator, provider, set, status } = await started({ web: ['10.0.0.1:80'] });
      await until(registry, { web: ['10.0.0.1:80'] });
      aggregator.pause(provider.name, 'ann');
      const { published } = status().counts;
      await set({ web: ['10.0.0.2:80'] });
      await vi.waitFor(() => expect(status().counts.published).toBeGreaterThan(published), PATIENCE);
      expect(status()).toMatchObject({ state: 'paused', paused: { by: 'ann' } });
      expect(held(registry)).toEqual(expected({ web: ['10.0.0.1:80'] }));
      await aggregator.resume(provider.name);
      await until(registry, { web: ['10.0.0.2:80'] });
    });

    // One that is told what to say has no source that could be away.
    if (options.isTold === true) return;

    it('keeps what it knew while its source is away, says so, and catches up', async () => {
      const { registry, away, back, set, status } = await started({ web: ['10.0.0.1:80'], api: ['10.0.0.3:80'] });
      await until(registry, { web: ['10.0.0.1:80'], api: ['10.0.0.3:80'] });
      await away?.();
      await vi.waitFor(() => {
        const { state, message } = status();
        expect([state, message === undefined]).toEqual(['down', false]);
      }, PATIENCE);
      expect(held(registry)).toEqual(expected({ web: ['10.0.0.1:80'], api: ['10.0.0.3:80'] }));
      await set({ web: ['10.0.0.2:80'] });
      await back?.();
      await until(registry, { web: ['10.0.0.2:80'] });
      await vi.waitFor(() => expect(status().state).toBe('ok'), PATIENCE);
    });
  });
}
