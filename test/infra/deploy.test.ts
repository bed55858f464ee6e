/**
 * infra/deploy.sh and secret.sh against an `az` that writes down what it was asked and answers from a few files: the order
 * of the steps, that a second deployment changes no secret, and that no secret is ever an argument, which other
 * processes of the machine could read.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from './compiled';

const OUTPUTS: Record<string, string> = {
  functionAppName: 'func-vip',
  functionAppHostName: 'func-vip.example',
  durableBackend: 'Netherite',
  keyVaultName: 'kv-vip',
  blobTopicName: 'topic-blobs',
};

/** Keeps the parameter files it is given, since the scripts remove them. */
const AZ = `#!/usr/bin/env bash
all="$*"
printf '%s\\n' "$*" >>"$FAKE/calls"
for argument in "$@"; do
  case "$argument" in @*) cat "\${argument#@}" >>"$FAKE/parameters" ;; esac
done
case "$all" in
  *properties.outputs.*) name=\${all#*properties.outputs.}; cat "$FAKE/output.\${name%%.*}" ;;
  'keyvault show'*) echo /vault ;;
  'resource show'*) name=\${all#*/secrets/}; [ -e "$FAKE/broken" ] && exit 1; [ -e "$FAKE/secret.\${name%% *}" ] || exit 3 ;;
  *infra/secret.bicep*) name=\${all#*--name secret-}; touch "$FAKE/secret.\${name%% *}" ;;
  *'function list'*) echo func-vip/dropPreferences ;;
  *'keys list'*) echo host-key-of-blobs ;;
esac
`;

let fake: string;
beforeEach(() => {
  fake = mkdtempSync(path.join(os.tmpdir(), 'vip-deploy-'));
  const program = (name: string, text: string) => {
    writeFileSync(path.join(fake, name), text);
    chmodSync(path.join(fake, name), 0o755);
  };
  program('az', AZ);
  program('npm', '#!/bin/sh\nexit 0\n');
  program('zip', '#!/bin/sh\ncp host.json "$FAKE/host.json"\n: >"$2"\n');
  for (const [name, value] of Object.entries(OUTPUTS)) writeFileSync(path.join(fake, `output.${name}`), value);
});
afterEach(() => rmSync(fake, { recursive: true }));

const run = (script: string, args: string[], input?: string) =>
  spawnSync('bash', [path.join(ROOT, 'infra', script), ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${fake}:${process.env['PATH']}`, FAKE: fake },
    ...(input === undefined ? { stdio: ['ignore', 'pipe', 'pipe'] as const } : { input }),
  });
const read = (name: string) => (existsSync(path.join(fake, name)) ? readFileSync(path.join(fake, name), 'utf8') : '');
const calls = () => read('calls').trim().split('\n');
const values = () => [...read('parameters').matchAll(/"value":\{"value":"([^"]+)"\}/g)].map(([, value]) => value!);

describe('infra/deploy.sh', () => {
  it('makes infrastructure, then secrets, then code, then the events of blobs', () => {
    const { status, stdout, stderr } = run('deploy.sh', ['prod']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('deployed: https://func-vip.example');
    const steps = calls().filter((call) => /^(group|deployment group) create|config-zip/.test(call));
    expect(steps.map((step) => step.replace(/ @\S+| --src \S+/g, ''))).toEqual([
      'group create --name rg-vip-prod --location eastus2 --output none',
      'deployment group create --resource-group rg-vip-prod --name main --parameters infra/environments/prod.bicepparam --output none',
      ...['phone-pepper', 'sms-secret', 'sms-secret-previous'].map(
        (name) =>
          `deployment group create --resource-group rg-vip-prod --name secret-${name} --template-file infra/secret.bicep --parameters --output none`,
      ),
      'functionapp deployment source config-zip --resource-group rg-vip-prod --name func-vip --output none',
      'deployment group create --resource-group rg-vip-prod --name blob-events --template-file infra/blobEvents.bicep --parameters --output none',
    ]);
  });

  it('packs the host.json of the back end that was deployed', () => {
    run('deploy.sh', ['prod']);
    expect(read('host.json')).toBe(readFileSync(path.join(ROOT, 'infra', 'hosts', 'host.Netherite.json'), 'utf8'));
  });

  it('leaves secrets alone the second time', () => {
    run('deploy.sh', ['dev']);
    expect(values()).toHaveLength(3);
    expect(new Set(values()).size).toBe(3);
    const { status } = run('deploy.sh', ['dev']);
    expect(status).toBe(0);
    expect(values()).toHaveLength(3);
  });

  it('never puts a secret among arguments', () => {
    run('deploy.sh', ['dev']);
    expect(read('parameters')).toContain('functionName=Host.Functions.dropPreferences&code=host-key-of-blobs');
    expect(read('calls')).not.toContain('host-key-of-blobs');
    for (const value of values()) expect(read('calls')).not.toContain(value);
  });

  it('only asks what would change with --what-if', () => {
    expect(run('deploy.sh', ['dev', '--what-if']).status).toBe(0);
    expect(calls()).toEqual([
      'deployment group what-if --resource-group rg-vip-dev --parameters infra/environments/dev.bicepparam',
    ]);
  });

  it.each([
    [['staging'], "which environment? got 'staging', expected dev or prod"],
    [[], "got '', expected dev or prod"],
    [['dev', '--force'], "unknown option '--force', expected --what-if"],
  ])('refuses %j and does nothing', (args, message) => {
    const { status, stderr } = run('deploy.sh', args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(read('calls')).toBe('');
  });
});

describe('infra/secret.sh', () => {
  const set = (name: string, input?: string) =>
    run('secret.sh', ['rg-vip-dev', 'kv-vip', name, ...(input === undefined ? [] : ['--from-stdin'])], input);

  it('takes a value from standard input, or makes one', () => {
    expect(set('sms-secret-previous', `${'a'.repeat(40)}\n`).status).toBe(0);
    expect(set('sms-secret').status).toBe(0);
    expect(values()).toEqual(['a'.repeat(40), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(read('calls')).not.toContain('aaaa');
  });

  it('refuses a short one, without saying it', () => {
    const { status, stderr } = set('sms-secret', 'hunter2');
    expect(status).toBe(2);
    expect(stderr).toBe('sms-secret: 7 characters came, expected at least 32\n');
    expect(read('parameters')).toBe('');
  });

  it('makes no new one when it cannot tell whether there is one', () => {
    writeFileSync(path.join(fake, 'broken'), '');
    const { status, stderr } = run('secret.sh', ['rg-vip-dev', 'kv-vip', 'phone-pepper', '--if-missing']);
    expect(status).toBe(1);
    expect(stderr).toContain('nothing was changed');
    expect(values()).toEqual([]);
  });

  it('never replaces the pepper', () => {
    expect(set('phone-pepper').status).toBe(0);
    const { status, stderr } = set('phone-pepper', 'b'.repeat(64));
    expect(status).toBe(2);
    expect(stderr).toContain('Refused');
    expect(values()).toHaveLength(1);
  });
});
