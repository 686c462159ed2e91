import type { HeaderChanges, Route } from '../model/route.ts';
import type { JsonObject } from '../proto/json.ts';

/** Fields of config.route.v3.Route. */
export function headerChanges({ request, response }: NonNullable<Route['headers']>): JsonObject {
  return { ...changes('request', request), ...changes('response', response) };
}

function changes(of: 'request' | 'response', { set = {}, add = {}, remove = [] }: HeaderChanges = {}): JsonObject {
  const options = [...Object.entries(set).map(header('OVERWRITE_IF_EXISTS_OR_ADD')), ...Object.entries(add).map(header('APPEND_IF_EXISTS_OR_ADD'))];
  return {
    ...(options.length === 0 ? {} : { [`${of}HeadersToAdd`]: options }),
    ...(remove.length === 0 ? {} : { [`${of}HeadersToRemove`]: remove }),
  };
}

/** config.core.v3.HeaderValueOption */
function header(appendAction: string): (entry: [key: string, value: string]) => JsonObject {
  return ([key, value]) => ({ header: { key, value }, appendAction, ...(value === '' ? { keepEmptyValue: true } : {}) });
}
