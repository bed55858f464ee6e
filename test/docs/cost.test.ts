/** docs/cost.md says what its own tables of counts and prices come to. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

it('docs/cost.md is worked out from its tables (node infra/cost.mjs --write)', () => {
  const script = join(__dirname, '..', '..', 'infra', 'cost.mjs');
  const run = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});
