import { describe, expect, it } from 'vitest';
import type { Service } from '../model/service.ts';
import { HostIndex } from './hosts.ts';

const on = (host: string, id: string, ...groups: string[]): Service => ({ id, host, endpoints: ['a:1'], ...(groups.length === 0 ? {} : { groups }) });

describe('HostIndex', () => {
  it('finds a rival only where the groups overlap', () => {
    const index = new HostIndex();
    index.claim(on('web', 'one', 'edge', 'lab'));
    expect(index.rivalOf(on('web', 'two', 'lab', 'zoo'))).toBe('one');
    expect(index.rivalOf(on('web', 'two', 'zoo'))).toBeUndefined();
    expect(index.rivalOf(on('web', 'two'))).toBe('one');
    expect(index.rivalOf(on('api', 'two', 'lab'))).toBeUndefined();
  });

  it('finds the service of all groups from any group', () => {
    const index = new HostIndex();
    index.claim(on('web', 'one'));
    expect(index.rivalOf(on('web', 'two', 'lab'))).toBe('one');
    expect(index.rivalOf(on('web', 'two'))).toBe('one');
  });

  it('is no rival of itself', () => {
    const index = new HostIndex();
    index.claim(on('web', 'one', 'edge'));
    expect(index.rivalOf(on('web', 'one'))).toBeUndefined();
    expect(index.rivalOf(on('web', 'one', 'edge'))).toBeUndefined();
  });

  it('forgets what is released', () => {
    const index = new HostIndex();
    index.claim(on('web', 'one'));
    index.release(on('web', 'one'));
    expect(index.rivalOf(on('web', 'two'))).toBeUndefined();
    expect(index.anyOn('web')).toBeUndefined();
  });

  it('as an overlay sees the base, hides what it released, and keeps its changes to itself until adopted', () => {
    const base = new HostIndex();
    base.claim(on('web', 'one', 'edge'));
    base.claim(on('web', 'two', 'lab'));
    const overlay = new HostIndex(base);
    expect(overlay.rivalOf(on('web', 'new'))).toBe('one');
    overlay.release(on('web', 'one', 'edge'));
    expect(overlay.rivalOf(on('web', 'new', 'edge'))).toBeUndefined();
    expect(overlay.rivalOf(on('web', 'new'))).toBe('two');
    overlay.release(on('web', 'two', 'lab'));
    expect(overlay.rivalOf(on('web', 'new'))).toBeUndefined();
    overlay.claim(on('web', 'new'));
    expect(base.rivalOf(on('web', 'other', 'edge'))).toBe('one');
    base.adopt(overlay);
    expect(base.rivalOf(on('web', 'other', 'edge'))).toBe('new');
    expect(base.anyOn('web')).toBe('new');
  });
});
