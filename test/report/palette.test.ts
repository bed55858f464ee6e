/** Contrast by WCAG 2.2: text at least 4.5 to 1, marks at least 3 to 1, on light pages and on dark ones. */
import { DARK, LIGHT } from '../../report/palette';
import type { ColourName } from '../../report/palette';

const TEXT: ColourName[] = ['ink', 'muted', 'accent', 'alert', 'tier1', 'tier2', 'tier3'];

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(colour.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe.each([
  ['light', LIGHT as Record<ColourName, string>],
  ['dark', DARK],
])('%s pages', (_, colours) => {
  it.each(TEXT)('read %s on page and card', (name) => {
    expect(contrast(colours[name], colours.page)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours[name], colours.card)).toBeGreaterThanOrEqual(4.5);
  });

  it('tell soft bars from the card, and lines of ink from the bars', () => {
    expect(contrast(colours.soft, colours.card)).toBeGreaterThanOrEqual(3);
    expect(contrast(colours.soft, colours.ink)).toBeGreaterThanOrEqual(3);
  });
});
