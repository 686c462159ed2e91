import { describe, expect, it } from 'vitest';
import { refusal } from '../../tests/support/refusal.ts';
import type { Edit } from '../model/edit.ts';
import { keyOf } from '../model/kinds.ts';
import type { StoredService } from '../model/service.ts';
import { applyEdits, type Outcome } from './edits.ts';
import { State } from './state.ts';
import { create, put, service } from './testkit.ts';

const old = (id: string, endpoint?: string, more = {}): StoredService => ({
  ...service(id, endpoint, more),
  revision: 3,
  createdAt: 'then',
  updatedAt: 'then',
  updatedBy: 'ann',
});
const state = new State([old('api.example.com', 'api:1'), old('web.example.com'), old('edge', 'e:1', { host: 'shop.example.com', groups: ['edge'] })]);
const apply = (...edits: Edit[]): Outcome => applyEdits(state, edits, { revision: 4, time: 'now', author: 'bob' });
const refused = (...edits: Edit[]) => {
  const { code, message, hint, errors } = refusal(() => apply(...edits));
  return { code, message, hint, fields: errors.map(({ field }) => field) };
};

describe('applyEdits', () => {
  it('stamps what is new', () => {
    const { objects: services, changes } = apply(create('new.example.com', 'n:1'));
    expect(services).toEqual([{ ...service('new.example.com', 'n:1'), revision: 4, createdAt: 'now', updatedAt: 'now', updatedBy: 'bob' }]);
    expect(changes).toEqual([{ id: 'new.example.com', before: null, after: service('new.example.com', 'n:1') }]);
  });

  it('keeps the time of creation where something changes, and only the wish in the change', () => {
    const { objects: services, changes } = apply({ op: 'update', id: 'web.example.com', change: (current) => ({ ...current, endpoints: ['web-b:1'] }) });
    expect(services).toEqual([{ ...service('web.example.com', 'web-b:1'), revision: 4, createdAt: 'then', updatedAt: 'now', updatedBy: 'bob' }]);
    expect(changes).toEqual([{ id: 'web.example.com', before: service('web.example.com'), after: service('web.example.com', 'web-b:1') }]);
  });

  it('deletes', () => {
    const { objects: services, changes, draft } = apply({ op: 'delete', id: 'web.example.com' });
    expect(services).toEqual([]);
    expect(draft.get('web.example.com')).toBeUndefined();
    expect(changes).toEqual([{ id: 'web.example.com', before: service('web.example.com'), after: null }]);
  });

  it('leaves alone what is as wished already: the very same object, no change', () => {
    const { objects: services, changes } = apply(put('web.example.com'), { op: 'update', id: 'edge', change: (current) => ({ ...current }) });
    expect(changes).toEqual([]);
    expect(services[0]).toBe(state.get('web.example.com'));
    expect(services[1]).toBe(state.get('edge'));
  });

  it('sees no change where the edits of one commit undo each other', () => {
    const there = apply(
      put('web.example.com', 'x:1'),
      put('web.example.com'),
      create('n'),
      { op: 'delete', id: 'n' },
      { op: 'delete', id: 'api.example.com' },
      create('api.example.com', 'api:1'),
    );
    expect(there.changes).toEqual([]);
    expect(there.objects).toEqual([state.get('web.example.com'), state.get('api.example.com')]);
    expect(there.objects[1]).toBe(state.get('api.example.com'));
  });

  it('sees one change a service, from before the first edit to after the last', () => {
    const { changes, objects: services } = apply(put('n', 'a:1'), { op: 'delete', id: 'web.example.com' }, put('n', 'b:1'), create('web.example.com', 'w:2'));
    expect(changes).toEqual([
      { id: 'n', before: null, after: service('n', 'b:1') },
      { id: 'web.example.com', before: service('web.example.com'), after: service('web.example.com', 'w:2') },
    ]);
    expect(services.map((object) => [keyOf(object), object.createdAt])).toEqual([
      ['n', 'now'],
      ['web.example.com', 'then'],
    ]);
  });

  it('lets a host go from one service to another within one commit', () => {
    const { changes } = apply({ op: 'delete', id: 'web.example.com' }, create('other', 'o:1', { host: 'web.example.com' }));
    expect(changes.map(({ id }) => id)).toEqual(['web.example.com', 'other']);
  });

  it('lets two services have one host where no group is both', () => {
    expect(apply(create('lab', 'l:1', { host: 'shop.example.com', groups: ['lab', 'zoo'] })).changes).toHaveLength(1);
  });
});

describe('applyEdits refuses', () => {
  it('a service that exists', () => {
    expect(refused(create('web.example.com', 'web-b:5678'))).toEqual({
      code: 'service-exists',
      message: 'web.example.com exists already, and leads to web-a:5678',
      hint: 'envoyage switch web.example.com web-b:5678',
      fields: ['/host'],
    });
    expect(refused(create('web.example.com')).hint).toBe('nothing needs to be done for it to lead there; envoyage status shows it');
    expect(refused(create('edge', 'x:1'))).toMatchObject({ message: 'service "edge" (shop.example.com) exists already, and leads to e:1' });
    expect(refused(create('edge', 'x:1', { host: 'new.example.com' })).fields).toEqual(['/id']);
  });

  it('with a message of sensible length for a service of many endpoints', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `e${i}:1`);
    const crowd = new State([{ ...old('web'), endpoints: many }]);
    const error = refusal(() =>
      applyEdits(crowd, [{ op: 'create', service: service('web', '', { endpoints: many.toReversed() }) }], { revision: 1, time: '', author: '' }),
    );
    expect(error.message).toBe('web exists already, and leads to e0:1, e1:1, e2:1 and 997 more');
    expect(error.hint).toBe('envoyage switch web e999:1 e998:1 e997:1 …');
  });

  it('an id twice in one commit, naming both places', () => {
    expect(refused(create('a'), create('n'), create('b'), create('n'))).toEqual({
      code: 'service-exists',
      message: 'n is in the list twice, at 1 and at 3',
      hint: 'leave one of the two out',
      fields: ['/3/host'],
    });
  });

  it('a host that belongs to another service', () => {
    expect(refused(create('mine', 'm:1', { host: 'web.example.com' }))).toEqual({
      code: 'host-taken',
      message: 'the host web.example.com belongs to service "web.example.com" already; it leads to web-a:5678',
      hint: 'envoyage switch web.example.com m:1 — or give the two services groups that have no Envoy in common',
      fields: ['/host'],
    });
    expect(refused(create('mine', 'm:1', { host: 'shop.example.com', groups: ['edge', 'lab'] })).message).toBe(
      'the host shop.example.com belongs to service "edge" already for group "edge"; it leads to e:1',
    );
    expect(refused({ op: 'update', id: 'web.example.com', change: (current) => ({ ...current, host: 'api.example.com' }) }).code).toBe('host-taken');
    expect(refused({ op: 'update', id: 'edge', change: () => service('edge', 'e:1', { host: 'web.example.com', groups: ['edge'] }) }).code).toBe('host-taken');
  });

  it('a host twice in one commit, naming both places', () => {
    expect(refused(create('a', 'a:1', { host: 'h' }), create('b', 'b:1', { host: 'h' }))).toEqual({
      code: 'host-taken',
      message: 'the host h belongs to service "a" already, which is in the same list at 0; it leads to a:1',
      hint: 'leave one of the two out, or give them groups that have no Envoy in common',
      fields: ['/1/host'],
    });
  });

  it('a service that is not there, with the nearest that is', () => {
    expect(refused({ op: 'delete', id: 'web.exmaple.com' })).toEqual({
      code: 'service-not-found',
      message: 'there is no service "web.exmaple.com" (did you mean "web.example.com"?)',
      hint: 'envoyage status',
      fields: [],
    });
    expect(refused({ op: 'update', id: 'nothing-like-it', change: (current) => current }).message).toBe('there is no service "nothing-like-it"');
    expect(refused({ op: 'delete', id: 'shop.example.com' }).message).toBe('there is no service "shop.example.com" (its host is that of service "edge")');
    expect(refused({ op: 'delete', id: 'edge' }, { op: 'delete', id: 'edge' })).toMatchObject({ message: 'there is no service "edge"', fields: ['/1/id'] });
  });

  it('a revision that is not the one expected', () => {
    const message = 'service "web.example.com" is at revision 3 now, not at revision 2: it changed in the meantime';
    expect(refused({ op: 'delete', id: 'web.example.com', expect: 2 })).toMatchObject({ code: 'precondition-failed', message, fields: [] });
    expect(refused({ op: 'put', service: service('web.example.com', 'b:1'), expect: 2 }).message).toBe(message);
    expect(refused({ op: 'update', id: 'web.example.com', change: (current) => current, expect: 2 }).message).toBe(message);
    expect(refused({ op: 'put', service: service('gone'), expect: 2 })).toMatchObject({
      code: 'precondition-failed',
      message: expect.stringContaining('service "gone" is gone'),
    });
    expect(apply({ op: 'put', service: service('web.example.com', 'b:1'), expect: 3 }).changes).toHaveLength(1);
  });

  it('a revision that an edit before it in the same commit has used up', () => {
    const edit: Edit = { op: 'put', service: service('web.example.com', 'b:1'), expect: 3 };
    expect(refused(edit, { op: 'delete', id: 'web.example.com', expect: 3 })).toMatchObject({ code: 'precondition-failed', fields: ['/1/id'] });
  });

  it('an update that changes the id', () => {
    const change = (): ReturnType<typeof service> => service('other');
    expect(refused({ op: 'update', id: 'edge', change })).toMatchObject({
      code: 'invalid-request',
      message: 'the id of service "edge" cannot change (to "other")',
      fields: ['/id'],
    });
  });

  it('whatever the change of an update throws', () => {
    const change = (): never => {
      throw new RangeError('no');
    };
    expect(() => apply({ op: 'update', id: 'edge', change })).toThrow(RangeError);
  });
});
