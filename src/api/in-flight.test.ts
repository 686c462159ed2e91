import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

const NEVER = 2 ** 30;
const response = () => new EventEmitter() as unknown as ServerResponse;

describe('InFlight', () => {
  it('has ended where nothing began', async () => {
    await new InFlight().ended(NEVER);
  });

  it('has ended when the last one has', async () => {
    const inFlight = new InFlight();
    const [a, b, c] = [response(), response(), response()];
    for (const each of [a, b, c]) inFlight.add(each);
    a.emit('close');
    let ended = false;
    const wait = inFlight.ended(NEVER).then(() => {
      ended = true;
    });
    b.emit('close');
    await Promise.resolve();
    expect(ended).toBe(false);
    c.emit('close');
    await wait;
  });

  it('waits no longer than it may', async () => {
    const inFlight = new InFlight();
    inFlight.add(response());
    await inFlight.ended(1);
  });
});
