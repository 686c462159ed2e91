import manifest from '../../package.json' with { type: 'json' };

/** The version in package.json, the one place where it is written. */
export const VERSION: string = manifest.version;
