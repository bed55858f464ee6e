/**
 * `npm run check:infra`: every template compiles, the linter (bicepconfig.json) and the compiler have nothing to say, files
 * are formatted as `bicep format` would, and each environment can be worked out without Azure (`bicep snapshot`).
 * `--out DIR` leaves compiled templates and snapshots there for test/infra/. Where no compiler is found: one line, exit 0;
 * with REQUIRE_ALL=1 exit 1. `--format` writes the formatting instead of checking it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** As in bicep.csproj and install-bicep.sh. */
const VERSION = '0.49.2';
const INFRA = path.dirname(fileURLToPath(import.meta.url));
const TEMPLATES = ['main', 'secret', 'blobEvents'];
/** The two there are, and production on each of the other back ends. */
const ENVIRONMENTS = ['dev', 'prod', 'prod.Netherite', 'prod.DurableTaskScheduler'];
/** What an operator's shell would say: prod has no defaults for these. */
const SHELL = {
  VIP_PRACTICE_NAME: 'Zephyr Health',
  VIP_PRACTICE_PHONE: '+13125550100',
  VIP_BOOKING_URL: 'https://zephyr.example/b',
  VIP_SMS_FROM: '+18335550100',
  VIP_ALERT_EMAILS: 'oncall@zephyr.example',
  VIP_ALLOWED_ADDRESSES: '203.0.113.0/24,198.51.100.7/32',
};
const NOBODY = '00000000-0000-0000-0000-000000000001';

/** BICEP, the PATH, what install-bicep.sh left, or the Azure CLI's own. */
function findCompiler() {
  const installed = `azure.bicep.commandline.linux-x64/${VERSION}/tools/bicep`;
  const onPath = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, 'bicep'));
  const candidates = [
    process.env.BICEP,
    ...onPath,
    path.join(INFRA, '..', 'dist', 'bicep', installed),
    path.join(os.homedir(), '.azure', 'bin', 'bicep'),
  ];
  return candidates.find((candidate) => candidate && existsSync(candidate));
}

/** Everything happens in a copy, since the compiler writes next to what it reads. */
function main(options) {
  const compiler = findCompiler();
  if (!compiler) {
    console.log('infra: skipped, no Bicep compiler here (infra/install-bicep.sh, or set BICEP)');
    return process.env.REQUIRE_ALL === '1' ? 1 : 0;
  }
  const copy = mkdtempSync(path.join(os.tmpdir(), 'vip-infra-'));
  const problems = new Set();
  const bicep = (...args) => {
    const run = spawnSync(compiler, args, { encoding: 'utf8', env: { ...process.env, ...SHELL }, cwd: copy });
    if (run.error) throw run.error;
    // Whatever it says, it says of something that is not clean.
    const said = run.stderr.split('\n').filter((line) => line.trim() !== '');
    for (const line of said) problems.add(line.replaceAll(`${copy}${path.sep}`, 'infra/'));
    if (said.length === 0 && run.status !== 0) problems.add(`bicep ${args.join(' ')}: exit code ${run.status}`);
  };
  try {
    cpSync(INFRA, copy, { recursive: true });
    checkFormat(bicep, copy, problems, options.format);
    for (const name of TEMPLATES) bicep('build', `${name}.bicep`, '--outfile', `${name}.json`);
    for (const environment of ENVIRONMENTS) takeSnapshot(bicep, copy, environment);
    if (options.out) hand(copy, options.out);
  } finally {
    rmSync(copy, { recursive: true });
  }
  for (const problem of problems) console.error(problem);
  if (problems.size === 0)
    console.log(`infra: ${TEMPLATES.length} templates, ${ENVIRONMENTS.length} environments, clean`);
  return problems.size === 0 ? 0 : 1;
}

function checkFormat(bicep, copy, problems, write) {
  for (const ending of ['bicep', 'bicepparam']) bicep('format', '--pattern', `./**/*.${ending}`);
  const files = readdirSync(INFRA, { recursive: true }).filter((file) => /\.bicep(param)?$/.test(file));
  for (const file of files.sort()) {
    const formatted = readFileSync(path.join(copy, file), 'utf8');
    if (formatted === readFileSync(path.join(INFRA, file), 'utf8')) continue;
    if (write) writeFileSync(path.join(INFRA, file), formatted);
    else problems.add(`infra/${file}: not formatted; node infra/check.mjs --format`);
  }
}

/** All resources of an environment with their values, as far as they are known before anything exists on Azure. */
function takeSnapshot(bicep, copy, environment) {
  const [base, backend] = environment.split('.');
  const parameters = path.join(copy, 'environments', `${environment}.bicepparam`);
  const text = readFileSync(path.join(copy, 'environments', `${base}.bicepparam`), 'utf8');
  if (backend) writeFileSync(parameters, text.replace("= 'AzureStorage'", `= '${backend}'`));
  const place = ['--subscription-id', NOBODY, '--tenant-id', NOBODY, '--resource-group', `vip-${base}`];
  bicep('snapshot', parameters, '--mode', 'overwrite', '--location', 'eastus2', ...place);
}

function hand(copy, out) {
  mkdirSync(out, { recursive: true });
  const made = [
    ...TEMPLATES.map((name) => `${name}.json`),
    ...ENVIRONMENTS.map((name) => `environments/${name}.snapshot.json`),
  ];
  for (const file of made)
    if (existsSync(path.join(copy, file))) cpSync(path.join(copy, file), path.join(out, path.basename(file)));
}

const at = process.argv.indexOf('--out');
process.exitCode = main({
  out: at < 0 ? undefined : path.resolve(process.argv[at + 1] ?? '.'),
  format: process.argv.includes('--format'),
});
