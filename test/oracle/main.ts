/** Command line of the oracle: `node test/oracle/run.js RECORDING OUT` prints each violation, exit 1 when there is one. */
import { checkRun } from './check';

export function main(args: string[]): number {
  const [recordingDir, outDir] = args;
  if (!recordingDir || !outDir || args.length > 2) {
    process.stderr.write('usage: node test/oracle/run.js RECORDING OUT\n');
    return 2;
  }
  const violations = checkRun(recordingDir, outDir);
  for (const { rule, detail } of violations) process.stdout.write(`[${rule}] ${detail}\n`);
  process.stdout.write(`${violations.length} violations\n`);
  return violations.length > 0 ? 1 : 0;
}
