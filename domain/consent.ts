/**
 * A person's preference: the newest `effectiveAt` wins, a tie goes to opt-out, whatever the order of arrival
 * (formats.md, "In: preferences"). Unknown (null) is not consent. A STOP is an OPT_OUT from source REPLY.
 */
export interface Preference {
  readonly status: 'OPT_IN' | 'OPT_OUT';
  readonly source: 'VENDOR' | 'REPLY';
  readonly effectiveAtMs: number;
}

export type KnownPreference = Preference | null;

export function newerPreference(known: KnownPreference, news: Preference): Preference {
  if (known === null || news.effectiveAtMs > known.effectiveAtMs) return news;
  if (news.effectiveAtMs < known.effectiveAtMs) return known;
  // Of two that say the same at one instant the patient's own word, which a START can take back, whichever came first.
  const wins = news.status === known.status ? news.source === 'REPLY' : news.status === 'OPT_OUT';
  return wins ? news : known;
}

export function statusOf(preference: KnownPreference): 'OPT_IN' | 'OPT_OUT' | 'UNKNOWN' {
  return preference?.status ?? 'UNKNOWN';
}
