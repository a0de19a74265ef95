import type { Look } from './standing.ts'
import { looks } from './standing.ts'

interface Shade {
  readonly light: string
  readonly dark: string
}

/** Grounds that text stands on. */
export const grounds = {
  page: { light: '#f6f7f9', dark: '#15181d' },
  card: { light: '#ffffff', dark: '#1d2128' },
} as const satisfies Record<string, Shade>

/** Colours of text and marks: each reads on each ground, 4.5 to 1 or better (WCAG 2.2, 1.4.3). */
export const inks = {
  text: { light: '#1d2228', dark: '#e7eaee' },
  quiet: { light: '#55606c', dark: '#a9b3bf' },
  link: { light: '#0a5aa8', dark: '#86bdff' },
  failed: { light: '#b3261e', dark: '#ff958c' },
  wrong: { light: '#7a3aa8', dark: '#d4aaff' },
  doubtful: { light: '#855000', dark: '#f0bb55' },
  unknown: { light: '#0b5d96', dark: '#82c4f2' },
  well: { light: '#1a7334', dark: '#6fcf8a' },
} as const satisfies Record<string, Shade>

/** Lines that only part things. */
const lines = { light: '#d5dae0', dark: '#3a424d' } as const satisfies Shade

const inkOfLook: Readonly<Record<Look, keyof typeof inks>> = {
  forbidden: 'failed',
  wrong: 'wrong',
  blocked: 'failed',
  degraded: 'doubtful',
  unknown: 'unknown',
  open: 'well',
  closed: 'well',
  'not-run': 'quiet',
  'not-required': 'quiet',
}

function variables(shade: keyof Shade): string {
  const all = Object.entries({ ...grounds, ...inks, line: lines })
  return all.map(([name, shades]) => `--${name}:${shades[shade]}`).join(';')
}

/** With one kind of flows chosen, the tables of the others go; on paper nothing goes. */
const captionFilters = [...new Set(Object.values(looks).map(({ standing }) => standing))]
  .map((one) => `@media screen{body:has(#show-${one}:checked) table:not(.of-${one}){display:none}}`)
  .join('\n')

/**
 * The whole style of the page. Dark follows the reader's system on a screen only: paper is white. Paper shows the steps
 * of what failed and of what the reader has opened; the rest is a row a flow.
 */
export const checkStyle = `
:root{${variables('light')};--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
@media screen{:root{color-scheme:light dark}}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;overflow-wrap:anywhere}
header,nav,main,footer{max-width:1160px;margin:0 auto;padding:0 20px}
header{padding-top:32px}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
h1{font-size:1.75rem;line-height:1.2;font-weight:650}
h2{font-size:1.25rem;line-height:1.3;font-weight:650;margin:40px 0 12px}
h3{font-size:1rem;line-height:1.4;font-weight:600}
ul,ol{list-style:none}
a{color:var(--link);text-underline-offset:2px}
a:focus-visible,summary:focus-visible,input:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
code,.name{font-family:var(--mono);font-size:.9em;unicode-bidi:isolate}
.quiet{color:var(--quiet)}
.small{font-size:.875rem}
.hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:20px;top:-60px;background:var(--card);padding:8px 12px;z-index:1}
.skip:focus{top:8px}
.definitions{position:absolute}
.mark{width:1em;height:1em;flex:none;align-self:center;vertical-align:-.13em}
.cut{fill:none;stroke:var(--card);stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.line{fill:none;stroke:currentColor;stroke-width:1.7;stroke-linecap:round}
${Object.entries(inkOfLook)
  .map(([look, ink]) => `.look-${look}{color:var(--${ink})}`)
  .join('\n')}
.badge{display:inline-flex;align-items:baseline;gap:.45em;font-weight:600;white-space:nowrap}
.kicker{font-size:.875rem;color:var(--quiet)}
.headline{font-size:1.125rem;font-weight:600;margin-top:10px}
.origin{margin-top:6px;color:var(--quiet)}
.counts{display:flex;flex-wrap:wrap;gap:8px;margin-top:20px}
.counts li{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 14px;display:flex;align-items:baseline;gap:8px}
.counts strong{font-size:1.25rem;line-height:1;white-space:nowrap;font-variant-numeric:tabular-nums}
nav{margin-top:20px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;border-bottom:1px solid var(--line);padding-bottom:12px}
.cards{display:grid;gap:12px}
.card{background:var(--card);border:1px solid var(--line);border-left:5px solid currentColor;border-radius:8px;padding:16px 20px}
.card>*{color:var(--text)}
.card h3{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}
.says{margin-top:8px;max-width:75ch}
.facts{margin-top:10px;display:flex;flex-wrap:wrap;gap:4px 24px}
.facts div{display:flex;gap:8px;align-items:baseline}
.facts .wide{flex-basis:100%}
.facts .wide dt{flex:0 0 5.5em}
.facts dt{color:var(--quiet)}
.facts .do dd{font-weight:600}
.card .more{margin-top:10px}
.alike{columns:26em;column-gap:24px;margin-top:4px}
.alike li{break-inside:avoid;padding:2px 0 2px 1em;text-indent:-1em}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin-bottom:16px}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:16px;align-items:start}
.pictures figure{break-inside:avoid;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px}
.pictures figcaption{font-weight:600;margin-bottom:8px}
.pictures svg{display:block;width:100%;max-width:420px;height:auto;font-family:var(--mono)}
.pictures text{fill:var(--text)}
.pictures .under{fill:var(--quiet)}
.pictures .strong{font-weight:700}
.pictures .box{fill:var(--page);stroke:var(--line)}
.pictures .chip{fill:none;stroke:var(--line)}
.pictures .edge{fill:none;stroke:currentColor;stroke-width:1.6}
.pictures .trunk{fill:none;stroke:var(--quiet);stroke-width:1.6}
.pictures .edge.failed{stroke-width:2.4;stroke-dasharray:7 4}
.pictures .edge.doubtful{stroke-dasharray:3 3}
.pictures .edge.not-run,.pictures .edge.not-required{stroke-dasharray:1 4;stroke-linecap:round}
.live{position:sticky;top:0;z-index:1;background:var(--card);border-bottom:1px solid var(--line);padding:6px 20px;text-align:right;color:var(--quiet)}
.live [role]{color:var(--text);font-weight:600}
[data-gone] .live [role]{color:var(--failed)}
.filter{border:1px solid var(--line);border-radius:8px;background:var(--card);margin:0 0 16px;padding:6px 12px 10px;display:flex;flex-wrap:wrap;gap:4px 20px}
.filter label{display:inline-flex;gap:.5em;align-items:center;min-height:24px}
.filter input{accent-color:var(--link);margin:0}
${captionFilters}
.next{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px 20px}
.next dl{display:grid;gap:12px;margin-bottom:16px}
.next dl>div{display:flex;gap:16px}
.next dt{flex:0 0 6em;font-weight:600}
.next li{padding:2px 0}
td .badge{white-space:normal}
table{width:100%;table-layout:fixed;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:8px;margin-bottom:24px}
caption{text-align:left;font-weight:600;padding:0 0 8px}
th,td{text-align:left;vertical-align:top;padding:10px 12px;border-top:1px solid var(--line);font-weight:400}
thead th{color:var(--quiet);font-size:.875rem;border-top:0}
.col-verdict{width:10.5em}
.col-flow{width:33%}
.col-time{width:10.5em}
.time span{display:block;white-space:nowrap}
.time{font-variant-numeric:tabular-nums}
summary{cursor:pointer;color:var(--link);margin-top:4px;width:fit-content}
.steps{counter-reset:step;margin:8px 0 4px}
.steps>li{counter-increment:step;position:relative;padding:6px 0 6px 34px;border-top:1px solid var(--line)}
.steps>li::before{content:counter(step);position:absolute;left:6px;color:var(--quiet);font-variant-numeric:tabular-nums}
.steps .decided{font-weight:600}
.particulars{display:flex;flex-wrap:wrap;gap:0 16px}
.about{display:grid;gap:4px;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px 20px}
.about div{display:flex;gap:16px}
.about dt{color:var(--quiet);flex:0 0 9em}
footer{padding-top:24px;padding-bottom:40px;color:var(--quiet)}
@media screen and (max-width:700px){
header,nav,main,footer{padding-left:12px;padding-right:12px}
header{padding-top:20px}
h1{font-size:1.4rem}
.card{padding:12px}
.about div{flex-direction:column;gap:0}
.about dt{flex:none}
.facts .wide{flex-direction:column;gap:0}
.facts .wide dt{flex:none}
table,caption,tbody,tr,td,tbody th{display:block}
caption{padding:10px 12px 8px}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{border-top:1px solid var(--line);padding:10px 12px}
th,td{border:0;padding:2px 0;width:auto}
.pictures figure{padding:8px}
}
@media print{
@page{margin:14mm}
html{font-size:9pt}
body{background:#fff}
header,nav,main,footer{max-width:none;padding-left:0;padding-right:0}
header{padding-top:0}
nav,.skip,.live,.filter,.more{display:none}
h2,h3,caption{break-after:avoid}
h2{margin:20pt 0 6pt}
.card,.next,.about,.steps>li,tbody tr:not(:has(.telling,[open])){break-inside:avoid}
.card{padding:8pt 10pt}
.counts{margin-top:8pt}
.counts li{padding:3pt 6pt}
.counts strong{font-size:1rem}
.pictures{grid-template-columns:1fr 1fr;gap:8pt}
.pictures figure{padding:6pt}
thead{display:table-header-group}
th,td{padding:3pt 5pt;line-height:1.3}
.col-verdict{width:9em}
.col-flow{width:36%}
.col-time{width:8em}
.time span,.of-well .purpose{display:none}
.steps>li{padding-top:2pt;padding-bottom:2pt}
details:not(.telling,[open]){display:none}
details::details-content{content-visibility:visible;display:block;height:auto}
summary{color:var(--quiet);list-style:none;break-after:avoid}
a{color:inherit;text-decoration:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`
