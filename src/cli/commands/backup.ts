import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { EnvoyageError } from '../../lib/errors.ts';
import { writeJson } from '../change.ts';
import { addClientFlags, type ClientFlags, connect } from '../connect.ts';
import type { Io, Session } from '../io.ts';

export function define(command: Command, session: Session): void {
  command
    .argument('<file>', 'where to put it; one that is there is replaced once the new one is whole')
    .addHelpText(
      'after',
      '\nThe daemon goes on meanwhile. Keys of certificates are in it, sealed: keep the\nfile secret.key of the data folder as well, in another place.\n\nExample:\n  $ envoyage backup /backup/envoyage.db',
    );
  addClientFlags(command).action(async (file: string, flags: ClientFlags) => {
    await backup(session.io, file, flags);
  });
}

async function backup(io: Io, file: string, flags: ClientFlags): Promise<void> {
  const body = await connect(flags, io).open('backup');
  const path = resolve(io.cwd, file);
  const part = `${path}.part`;
  try {
    await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(part, { mode: 0o600, flush: true }));
    renameSync(part, path);
  } catch (cause) {
    rmSync(part, { force: true });
    throw new EnvoyageError('store-failed', `the backup could not be written to ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: 'name a file in a folder that this user may write to, on a disk with room',
      cause,
    });
  }
  const { size } = statSync(path);
  if (flags.json) writeJson(io, { file: path, bytes: size });
  else
    io.stdout.write(
      `${file} has the whole database (${Math.ceil(size / 1024).toLocaleString('en-US')} KiB); its keys open only with secret.key of the data folder\n`,
    );
}
