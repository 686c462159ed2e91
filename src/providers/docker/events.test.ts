import { describe, expect, it } from 'vitest';
import { type EngineEvent, readEvents } from './events.ts';

const ID = 'a1'.repeat(32);

async function read(...chunks: (string | Uint8Array)[]): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const stream = (async function* () {
    yield* chunks;
  })();
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

const line = (event: object): string => `${JSON.stringify(event)}\n`;
const container = (Action: string, attributes: object = {}) => ({
  Type: 'container',
  Action,
  Actor: { ID, Attributes: attributes },
  time: 1_700_000_000,
  timeNano: 1_700_000_000_123_456_800,
});

describe('readEvents', () => {
  it('puts together what comes in pieces, letters of several bytes included', async () => {
    const bytes = new TextEncoder().encode(`\r\n${line(container('kill', { signal: '15', name: 'grün' }))}\n${line(container('health_status: healthy'))}`);
    expect(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([
      { id: ID, what: 'kill', signal: '15', at: 1_700_000_000_123 },
      { id: ID, what: 'other', at: 1_700_000_000_123 },
    ]);
  });

  it("reads podman's words, and events of networks that name a container", async () => {
    const network = { Type: 'network', Action: 'connect', Actor: { ID: 'b2'.repeat(32), Attributes: { container: ID, name: 'web' } }, time: 5 };
    const events = await read(line(container('died')), line(container('remove')), line({ status: 'die', id: ID, time: 7 }), line(network));
    expect(events.map(({ what, at }) => [what, at])).toEqual([
      ['die', 1_700_000_000_123],
      ['destroy', 1_700_000_000_123],
      ['die', 7000],
      ['other', 5000],
    ]);
    expect(events.every(({ id }) => id === ID)).toBe(true);
    // What happens to a network or an image is no container's end.
    expect(await read(line({ ...network, Action: 'destroy' }), line({ ...container('remove'), Type: 'image' }))).toEqual([
      expect.objectContaining({ what: 'other' }),
    ]);
  });

  it('leaves out what names no container', async () => {
    const odd = [{}, { Type: 'container', Actor: { ID: '../../v1.41/images' } }, { Type: 'network', Actor: { ID: 'web' } }, []];
    expect(await read(...odd.map(line))).toEqual([]);
  });

  it('ends with a fault at what is no event', async () => {
    await expect(read('HTTP/1.1 400 Bad Request\n')).rejects.toThrow('the engine sends something that is no event: "HTTP/1.1 400 Bad Request"');
    await expect(read('x'.repeat(2 * 1024 * 1024))).rejects.toThrow('an event of more than');
  });
});
