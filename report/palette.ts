/**
 * The report's colours, once for light pages (and print) and once for dark ones. Text colours have a contrast of at
 * least 4.5 to the page, marks at least 3 (WCAG 2.2 AA, 1.4.3 and 1.4.11; test/report/palette.test.ts computes it). The
 * tiers stay apart for colour-blind readers by lightness and by the shape of their marks.
 */
export const LIGHT = {
  page: '#fbfaf7',
  card: '#ffffff',
  ink: '#1a2530',
  muted: '#55626e',
  rule: '#dcdfdc',
  accent: '#0d6a68',
  soft: '#6b9a96',
  alert: '#b23a1e',
  tier1: '#a8330f',
  tier2: '#2268ad',
  tier3: '#66717b',
} as const;

export type ColourName = keyof typeof LIGHT;

export const DARK: Record<ColourName, string> = {
  page: '#12181e',
  card: '#182028',
  ink: '#e9edf0',
  muted: '#a5b1bb',
  rule: '#34404a',
  accent: '#57c2ba',
  soft: '#3f7f7c',
  alert: '#f4866a',
  tier1: '#f58a62',
  tier2: '#74b4f2',
  tier3: '#a9b4bd',
};

/** `--ink:#1a2530;…` */
export function cssVariables(colours: Record<ColourName, string>): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
}
