/**
 * The style sheet of the report: one column that fits a phone, light and dark pages, and print (always light). System
 * fonts only. Which of the two drawings of a chart is seen is decided here.
 */
import { cssVariables, DARK, LIGHT } from './palette';
import type { ColourName } from './palette';

/** Below this page width the narrow drawing is shown; the text of the wide one would be under 9 px there. */
const WIDE_FROM_PX = 820;

const colourClasses = (Object.keys(LIGHT) as ColourName[]).map((name) => `.c-${name}{color:var(--${name})}`).join('');

export const STYLE = `
:root{color-scheme:light dark;${cssVariables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${cssVariables(DARK)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1000px;margin:0 auto;padding:1.5rem 1rem 4rem}
h1,h2,.lead,.tiles dd:not(.note){font-family:"Iowan Old Style","Palatino Linotype",Palatino,Georgia,serif;font-weight:600}
h1{font-size:clamp(1.9rem,6vw,2.9rem);line-height:1.1;margin:.1em 0 .5em;overflow-wrap:anywhere}
h2{font-size:1.5rem;line-height:1.2;margin:0 0 .6rem}
h3{font-size:1rem;margin:1.5rem 0 .4rem}
p{margin:.4rem 0 1rem;max-width:68ch}
.lead{font-size:1.2rem;font-weight:400;line-height:1.5}
.eyebrow{margin:0;color:var(--muted);font-size:.85rem;letter-spacing:.04em}
section{margin-top:3rem;border-top:1px solid var(--rule);padding-top:1.4rem;min-width:0}
header+section{margin-top:1.5rem}
a{color:var(--accent)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:1.5rem 0 0;padding:0;font-size:.9rem}
nav a{display:inline-block;padding:.25rem 0}
dl,dd{margin:0}
.facts{display:flex;flex-wrap:wrap;gap:.6rem 2.2rem}
dt,.note,figcaption span,.caption,.ci{color:var(--muted)}
dt{font-size:.82rem}
.facts dd{font-weight:600;font-size:.95rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(13.5rem,46%),1fr));gap:1.4rem 1.25rem;margin:1.6rem 0 0}
.tiles>div{border-top:3px solid var(--accent);padding-top:.45rem}
.tiles dd{font-size:2.1rem;line-height:1.15}
.tiles .note{font-size:.82rem;line-height:1.35}
figure{margin:1.5rem 0;padding:1rem .8rem;background:var(--card);border:1px solid var(--rule);border-radius:6px;min-width:0}
figcaption strong{display:block;line-height:1.3}
figcaption span{display:block;font-size:.88rem;line-height:1.4}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:.6rem 0 0;padding:0;font-size:.85rem}
.legend li{display:flex;align-items:center;gap:.4rem}
.legend svg{flex:none}
.chart{display:block;width:100%;height:auto;margin:.9rem auto .3rem;font:12px system-ui,sans-serif}
.chart.wide{display:none}
.chart.narrow{max-width:480px}
@media (min-width:${WIDE_FROM_PX}px){main{padding:2.5rem 2rem 5rem}.chart.wide{display:block}.chart.narrow{display:none}figure{padding:1.2rem 1.4rem}}
details{margin:.6rem 0}
figure details{margin:.4rem 0 -.3rem}
summary{cursor:pointer;color:var(--accent);font-size:.9rem;padding:.3rem 0}
.scroll{position:relative;overflow-x:auto;margin:.6rem 0 1rem;max-width:100%}
.scroll.tall{max-height:34rem;overflow-y:auto;border-bottom:1px solid var(--rule)}
table{border-collapse:collapse;font-size:.88rem;line-height:1.4;min-width:min(100%,30rem)}
.caption{font-size:.88rem;line-height:1.4;margin:1rem 0 .3rem}
th,td{text-align:left;vertical-align:baseline;padding:.38rem .8rem .38rem 0;border-bottom:1px solid var(--rule)}
@media (min-width:${WIDE_FROM_PX}px){th,td{padding-right:1.1rem}}
thead th{font-size:.8rem;font-weight:600;color:var(--muted);vertical-align:bottom;line-height:1.25}
.tall thead th{position:sticky;top:0;background:var(--page)}
figure .tall thead th{background:var(--card)}
tbody th{font-weight:500;position:sticky;left:0;background:var(--page)}
figure tbody th{background:var(--card)}
.tall thead th{z-index:1}
th:last-child,td:last-child{padding-right:.3rem}
.n{text-align:right}
.ci{font-size:.8rem}
.date,.rate,code{white-space:nowrap}
code{font:.92em ui-monospace,"SF Mono",Menlo,Consolas,monospace}
.caveats{margin:0;padding-left:1.1rem;max-width:68ch;font-size:.93rem}
.caveats li{margin:.35rem 0}
.counts{list-style:none;margin:0 0 1rem;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.6rem}
footer{margin-top:3rem;color:var(--muted);font-size:.85rem}
.hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
${colourClasses}
@page{margin:16mm 14mm}
@media print{
:root{color-scheme:light;${cssVariables({ ...LIGHT, page: '#ffffff', ink: '#000000', muted: '#333333' })}}
body{font-size:10.5pt}
main{max-width:none;padding:0}
nav{display:none}
.chart.wide{display:block}.chart.narrow{display:none}
section{margin-top:1.6rem}
h2,h3,figcaption,.caption{break-after:avoid}
figure,.tiles>div,tr{break-inside:avoid}
thead{display:table-header-group}
figure{border-color:#999;padding:.8rem}
figure details{display:none}
.scroll,.scroll.tall{overflow:visible;max-height:none}
table{font-size:8.5pt}
th,td{padding-right:.6rem}
.tall thead th,tbody th{position:static}
details.printed::details-content{content-visibility:visible;block-size:auto;overflow:visible}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
