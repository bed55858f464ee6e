/** The preset, used by a small project of its own: its tests pass, its failing test shows the instance, its hosts are stopped. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { tempApp } from './tempApp';

jest.setTimeout(120_000);

const JEST = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');

const project = tempApp({
  'package.json': { main: 'app.js', jest: { preset: 'durable-emulator' } },
  'app.js': `const df = require('durable-functions');
    df.app.orchestration('nap', function* (c) {
      yield c.df.createTimer(new Date(c.df.currentUtcDateTime.getTime() + 604800000));
      return { slept: c.df.getInput() };
    });
    df.app.orchestration('bad', function* () { throw new Error('no bed'); });`,
  'good.test.js': `const { startHost } = require('durable-emulator');
    test('a week', async () => {
      const host = await startHost({ app: __dirname, clock: 'auto', port: 0 });
      await host.client.startNew('nap', { instanceId: 'n', input: 7 });
      await expect(host).toHaveCompleted('n', { slept: 7 });
      await expect(host).not.toHaveCompleted('n', { slept: 8 });
      await host.client.startNew('bad', { instanceId: 'b' });
      await expect(host).toHaveFailed('b', 'no bed');
      await expect(host).toHaveFailed('b', /bed$/);
      await expect(host).not.toHaveCompleted('b');
      // left open: the preset stops it
    });`,
  'bad.test.js': `const { startHost } = require('durable-emulator');
    test('shows what it is', async () => {
      const host = await startHost({ app: __dirname, clock: 'auto', port: 0 });
      await host.client.startNew('bad', { instanceId: 'b' });
      await expect(host).toHaveCompleted('b');
    });
    test('there is none', async () => {
      const host = await startHost({ app: __dirname, clock: 'auto', port: 0 });
      await expect(host).toHaveCompleted('nobody');
    });`,
});

const run = (file: string) =>
  spawnSync(process.execPath, [JEST, '--rootDir', project, '--ci', file], { cwd: project, encoding: 'utf8' });

test('a project with the preset has matchers, and ends although a host was left open', () => {
  const { status, stderr } = run('good.test.js');
  expect([status, stderr]).toEqual([0, expect.stringContaining('1 passed')]);
  expect(stderr).not.toMatch(/did not exit|open handle|force exited/);
});

test('a matcher that fails says what the instance is', () => {
  const { status, stderr } = run('bad.test.js');
  expect(status).toBe(1);
  expect(stderr).toMatch(/The instance 'b' should have completed\. It is: .*"runtimeStatus":"Failed".*no bed/);
  expect(stderr).toContain("The instance 'nobody' should have completed. It is: no such instance");
});
