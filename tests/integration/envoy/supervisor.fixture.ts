/** Supervises the Envoy argv[2] with the bootstrap argv[3] and prints its pid: a process to be killed. */
import { superviseEnvoy } from '../../../src/envoy/supervise.ts';
import { createLogger } from '../../../src/lib/logger.ts';

const [path = '', bootstrap = ''] = process.argv.slice(2);
const envoy = superviseEnvoy({ path, bootstrap, logger: createLogger({ level: 'silent', format: 'json' }), extraArgs: ['--concurrency', '1'] });
await envoy.start();
console.log(envoy.pid);
