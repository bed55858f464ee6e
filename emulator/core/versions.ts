/**
 * Whether this host runs an instance of a given version: host.json defaultVersion, versionMatchStrategy and
 * versionFailureStrategy. Source: contract I "Versions"; DurableTask.Core VersioningSettings; recorded/versioning.
 */

export interface VersionSettings {
  /** version of this host, and of instances that are started without one */
  defaultVersion: string | null;
  match: 'None' | 'Strict' | 'CurrentOrOlder';
  failure: 'Reject' | 'Fail';
}

export class VersionPolicy {
  constructor(private readonly settings: VersionSettings) {}

  /** `wait`: it stays as it is until some host takes its version. */
  verdict(version: string | null): 'run' | 'wait' | 'fail' {
    const { defaultVersion, match, failure } = this.settings;
    const fits =
      match === 'None' ||
      (match === 'Strict'
        ? (version ?? '') === (defaultVersion ?? '')
        : compareVersions(version ?? '', defaultVersion ?? '') <= 0);
    return fits ? 'run' : failure === 'Fail' ? 'fail' : 'wait';
  }
}

/** Empty is lowest; numbers with dots compare by number (a missing part is less than 0), all others as text. */
export function compareVersions(a: string, b: string): number {
  if (a.trim() === '' || b.trim() === '') return Number(b.trim() === '') - Number(a.trim() === '');
  const [left, right] = [numbersOf(a), numbersOf(b)];
  if (!left || !right) {
    const [x, y] = [a.toLowerCase(), b.toLowerCase()];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  for (let i = 0; i < 4; i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** Two to four numbers, as System.Version reads them; null otherwise. */
const numbersOf = (text: string): number[] | null =>
  /^\s*\d+(\s*\.\s*\d+){1,3}\s*$/.test(text) ? text.split('.').map(Number) : null;
