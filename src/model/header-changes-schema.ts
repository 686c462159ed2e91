import { z } from 'zod';
import { asSet, given, keysGiven, mapOf, oneOrMore } from './forms.ts';
import { formatFault, headerValueFault, parseHeaderName } from './header-name.ts';
import type { HeaderChanges, Route } from './route.ts';
import { text } from './text-schema.ts';

/** Of each kind of change. */
export const MOST_HEADER_CHANGES = 64;

const setValue = text('the value', (value) => {
  const fault = headerValueFault(value) ?? formatFault(value);
  if (fault !== undefined) throw new Error(fault);
  return value;
});

const changes = z
  .strictObject({
    set: mapOf(setValue, parseHeaderName, 'set', '{"x-team": "web"}', MOST_HEADER_CHANGES).optional(),
    add: mapOf(setValue, parseHeaderName, 'add', '{"x-team": "web"}', MOST_HEADER_CHANGES).optional(),
    remove: oneOrMore(text('the header', parseHeaderName), 'remove', '["x-team"]', MOST_HEADER_CHANGES).transform(asSet).optional(),
  })
  .transform(({ set, add, remove }): HeaderChanges | undefined =>
    keysGiven({ set, add, remove }, ['set', 'add', 'remove']).length === 0
      ? undefined
      : { ...given('set', set), ...given('add', add), ...given('remove', remove) },
  );

export const headersSchema = z
  .strictObject(
    { request: changes.optional(), response: changes.optional() },
    { error: (issue) => (issue.code === 'invalid_type' ? 'headers must be an object, as in {"response": {"set": {"x-team": "web"}}}' : undefined) },
  )
  .transform(({ request, response }): Route['headers'] =>
    request === undefined && response === undefined ? undefined : { ...given('request', request), ...given('response', response) },
  );
