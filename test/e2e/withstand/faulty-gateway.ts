/**
 * The built gateway with a disk that fails as a plan says (test/audit/faulty-disk.ts).
 *
 *   node faulty-gateway.ts PLAN CONFIG
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [plan = '', config = ''] = process.argv.slice(2);
const built = pathToFileURL(resolve('dist/gateway/index.js')).href;
const { readConfig, startGateway }: typeof import('../../../src/gateway/index.ts') = await import(built);
const disk = new URL('../../audit/faulty-disk.ts', import.meta.url);
disk.searchParams.set('plan', plan);
const running = await startGateway({
  config: await readConfig(config),
  env: process.env,
  version: '0.0.0-faulty',
  disk,
});
process.once('SIGTERM', () => void running.stop('SIGTERM'));
process.stderr.write(`the faulty gateway listens on ${running.url}\n`);
