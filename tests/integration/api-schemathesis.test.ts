import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../../src/envoy/command.ts';
import { TestApi } from '../support/api.ts';

/** Requests that Schemathesis makes up out of the OpenAPI document, good ones and bad ones, the same at every run. */

const INSTALL = resolve(import.meta.dirname, '../schemathesis/install');
const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance'];

let program: string;
let folder: string;
let api: TestApi;

beforeAll(async () => {
  program = (await promisify(execFile)(INSTALL)).stdout.trim();
}, 600_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'envoyage-schemathesis-'));
  api = await TestApi.start();
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

it('answers every request as its OpenAPI document says, and fails inside at none', { timeout: 600_000 }, async () => {
  const options = ['--checks', CHECKS.join(), '--phases', 'coverage,fuzzing', '--seed', '1', '--max-examples', '10', '--workers', '1', '--no-color'];
  // A stream that goes on for ever has tests of its own.
  const left = ['--exclude-path', '/api/v1/events', '--warnings', 'off', '--suppress-health-check', 'all', '--continue-on-failure'];
  const document = `http://${api.daemon.info.httpAddress}/openapi.json`;
  // It keeps files of its own where it is started.
  const { code, output } = await runCommand(['sh', '-c', 'cd "$0" && exec "$@"', folder, program, 'run', document, ...options, ...left]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^ {2}\d{3,} generated, \d+ passed$/m);
  expect(api.faults).toEqual([]);
  expect(api.log.filter(({ level }) => level === 'error')).toEqual([]);
  expect((await api.call('GET', '/readyz')).status).toBe(200);
});
