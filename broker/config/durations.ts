/** ISO 8601 durations as the configuration has them: `PT1M`, `P14D`, `P10675199DT2H48M5.4775807S` (which means "never"). */
const PATTERN =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000];
/** The largest duration .NET knows; Azure shows it where there is no limit. */
const FOREVER_MS = 10_675_199 * 86_400_000;

/** Milliseconds, Infinity from .NET's largest duration on; null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  const match = PATTERN.exec(text);
  const amounts = match?.slice(1);
  if (!amounts || amounts.every((amount) => amount === undefined)) return null;
  const total = amounts.reduce((sum, amount, index) => sum + Number(amount ?? 0) * UNITS_MS[index]!, 0);
  return total >= FOREVER_MS ? Infinity : total;
}
