import { declaredKey, isDeclared, type Wish } from './kinds.ts';

/** The listener that every group has without anybody declaring it. */
export const BUILT_IN_LISTENER = 'http';

/** The keys of the objects that this one cannot do without, each once. */
export function referencesOf(wish: Wish): readonly string[] {
  if (!isDeclared(wish)) return wish.tls?.certificate === undefined ? [] : [declaredKey('Certificate', wish.tls.certificate)];
  switch (wish.kind) {
    case 'Route':
      return unique([
        ...(wish.to ?? []).map(({ service }) => declaredKey('Service', service)),
        ...(wish.listeners ?? []).filter((name) => name !== BUILT_IN_LISTENER).map((name) => declaredKey('Listener', name)),
      ]);
    case 'Listener':
      return unique((wish.certificates ?? []).map((name) => declaredKey('Certificate', name)));
    default:
      return [];
  }
}

/** Where in the object it says so, as a JSON pointer. */
export function pointerTo(wish: Wish, key: string): string {
  if (!isDeclared(wish)) return '/tls/certificate';
  if (wish.kind === 'Route') {
    const target = (wish.to ?? []).findIndex(({ service }) => declaredKey('Service', service) === key);
    if (target >= 0) return `/to/${target}/service`;
    return `/listeners/${(wish.listeners ?? []).findIndex((name) => declaredKey('Listener', name) === key)}`;
  }
  if (wish.kind === 'Listener') return `/certificates/${(wish.certificates ?? []).findIndex((name) => declaredKey('Certificate', name) === key)}`;
  return '';
}

function unique(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)];
}
