/** Names of files that are read as documents. Hidden ones are editors' and others' own: `.#web.yaml`, `.web.yaml.swp`, `..data`. */
export function isDocument(name: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(name) && !isHidden(name);
}

export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** The file of a place, `/etc/web.yaml` of `/etc/web.yaml:12:3`. */
export function fileOf(origin: string): string {
  return origin.replace(/:\d+:\d+$/, '');
}

/** True for the path itself and for what lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
