import { HTTP, virtualHostName } from './names.ts';

/** How Envoy asks for virtual hosts: by the name of the route table and what stands in the Host header (vhds.rst). */
export const hostAliases = { canonical, patterns, isPattern, nobody: virtualHostName(HTTP, '') };

/** `http/Web.example.com:8080` → `http/web.example.com`; a service is meant on any port. */
function canonical(asked: string): string {
  // A route table's name may have slashes, a host has none.
  const slash = asked.lastIndexOf('/');
  const host = asked.slice(slash + 1).toLowerCase();
  return `${asked.slice(0, slash + 1)}${host.replace(/:\d*$/, '')}`;
}

/** `http/a.b.c` → `http/*.b.c`, `http/*.c` */
function patterns(name: string): readonly string[] {
  const slash = name.lastIndexOf('/');
  if (slash < 0) return [];
  const found: string[] = [];
  const [table, host] = [name.slice(0, slash), name.slice(slash + 1)];
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const pattern = virtualHostName(table, `*${host.slice(dot)}`);
    if (pattern !== name) found.push(pattern);
  }
  return found;
}

function isPattern(name: string): boolean {
  return name.startsWith('*.', name.lastIndexOf('/') + 1);
}
