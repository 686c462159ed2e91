import { describe, expect, it } from 'vitest';
import { Overlay } from './overlay.ts';
import { route, service, TestDesired } from './testkit.ts';

describe('an overlay', () => {
  it('is what is below, but for what it holds', () => {
    const desired = new TestDesired(service('a'), service('b'), route('r', ['r.test'], ['a']));
    const overlay = new Overlay(desired);
    expect([...overlay.objects()]).toEqual([...desired.objects()]);
    const older = service('a', ['10.0.0.9:80']);
    overlay.hold('a', older);
    overlay.hold('b', undefined);
    overlay.hold('Route/gone', route('gone', ['gone.test'], ['a']));
    expect([overlay.get('a'), overlay.get('b'), overlay.object('Route/r')?.revision, overlay.get('Route/gone')]).toEqual([older, undefined, 1, undefined]);
    expect([...overlay.list()]).toEqual([older]);
    expect([...overlay.objects('Route')].map((object) => 'name' in object && object.name)).toEqual(['r', 'gone']);
    for (const key of ['a', 'b', 'Route/gone']) overlay.release(key);
    expect([...overlay.objects()]).toEqual([...desired.objects()]);
    expect(overlay.revision).toBe(desired.revision);
  });

  it('lies upon another', () => {
    const desired = new TestDesired(service('a'));
    const [lower, middle] = [service('a', ['10.0.0.1:1']), service('a', ['10.0.0.1:2'])];
    const below = new Overlay(desired);
    const above = new Overlay(below);
    below.hold('a', lower);
    expect(above.get('a')).toBe(lower);
    above.hold('a', middle);
    expect([above.get('a'), below.get('a')]).toEqual([middle, lower]);
  });
});
