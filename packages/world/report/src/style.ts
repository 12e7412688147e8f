/**
 * The page's looks. Colours are variables: one set for light screens and paper, one for dark screens, so that each
 * drawing is in the page once. Fills are dark enough for white letters on a light page and light enough for black ones
 * on a dark page (WCAG 2.2 §1.4.3 "Contrast (Minimum)": 4.5 to 1); a test computes it.
 */
export type Theme = Readonly<Record<string, string>>;

/** What every letter and mark stands on, and what letters inside a mark are. */
export const LIGHT: Theme = {
  bg: '#ffffff',
  fg: '#1b1f24',
  dim: '#57606a',
  rule: '#d0d7de',
  panel: '#f6f8fa',
  link: '#0a58ca',
  in: '#ffffff',
  compute: '#2a6099',
  copy: '#0f766e',
  device: '#5b6b7b',
  interrupt: '#5b5ea6',
  kernel: '#3d7a3d',
  trap: '#b3401b',
  switch: '#9a6200',
  ipc: '#b02a5b',
  tlb: '#7a3b8f',
  other: '#444444',
  privileged: '#fbe3d6',
  'privileged-wall': '#a33a14',
  user: '#e6effa',
  'user-wall': '#2a6099',
  harm1: '#fdf6dc',
  harm2: '#fad9a5',
  harm3: '#f5b48d',
  harm4: '#f0a187',
  harm5: '#ea8a7c',
};
export const DARK: Theme = {
  bg: '#0f1419',
  fg: '#e6edf3',
  dim: '#9aa7b4',
  rule: '#303a45',
  panel: '#171e26',
  link: '#79b8ff',
  in: '#0b0f13',
  compute: '#6ea8e0',
  copy: '#4fc4b4',
  device: '#9fb0c0',
  interrupt: '#a9aaf0',
  kernel: '#86c686',
  trap: '#f28b66',
  switch: '#e2b04a',
  ipc: '#f07fa8',
  tlb: '#cf9ae0',
  other: '#bbbbbb',
  privileged: '#3d2219',
  'privileged-wall': '#f28b66',
  user: '#18293c',
  'user-wall': '#6ea8e0',
  harm1: '#2e2a17',
  harm2: '#56391a',
  harm3: '#6d3520',
  harm4: '#7d3022',
  harm5: '#8f2c2a',
};

const variables = (theme: Theme): string =>
  Object.entries(theme)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join('');

const CAUSES = ['compute', 'copy', 'device', 'interrupt', 'kernel', 'trap', 'switch', 'ipc', 'tlb', 'other'];
const causeColours: string = CAUSES.map((cause) => `.k-${cause}{fill:var(--${cause});background:var(--${cause})}`).join(
  '',
);
const harmColours: string = [1, 2, 3, 4, 5].map((shade) => `.h${shade}{background:var(--harm${shade})}`).join('');

const PAGE = `
*{box-sizing:border-box}
html{background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
body{max-width:68rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}
h1{font-size:1.9rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.35rem;line-height:1.25;margin:0 0 .3rem}
h3{font-size:1rem;margin:.4rem 0}
a{color:var(--link)}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--panel);padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}
nav ul,.findings,.key ul{padding:0;margin:.5rem 0;list-style:none}
nav li{display:inline-block;margin:0 1rem .35rem 0}
.findings li{padding:.35rem 0 .35rem .9rem;border-left:4px solid var(--compute);margin:.4rem 0;max-width:46rem}
.lead,figcaption{max-width:46rem}
figcaption{margin-bottom:.9rem}
figure{margin:2.6rem 0;padding-top:1.2rem;border-top:1px solid var(--rule)}
.note{color:var(--dim);font-size:.875rem;margin:.3rem 0}
details{margin-top:.8rem;font-size:.875rem}
summary{cursor:pointer;color:var(--link)}
footer{margin-top:3rem;border-top:1px solid var(--rule);color:var(--dim);font-size:.875rem}
`;
const TABLES = `
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--dim);font-size:.875rem;padding:.3rem 0}
th,td{padding:.3rem .55rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
td.n{text-align:right}
thead th{font-size:.8rem;line-height:1.25;vertical-align:bottom;color:var(--dim);font-weight:600}
.main{width:100%;font-size:.9375rem}
.main th,.main td{padding:.3rem .4rem}
.main thead th{text-align:right}
.main thead th:first-child,.main thead th:last-child{text-align:left}
.main .best{font-weight:700}
.main tbody th{white-space:nowrap}
.main .words{font-size:.875rem;min-width:8rem}
.scroll{overflow-x:auto}
details .scroll{max-height:24rem;overflow-y:auto}
.matrix{width:100%;max-width:54rem;font-size:.8rem;table-layout:fixed}
.matrix thead th{font-size:.75rem;font-weight:500}
.matrix th:first-child{width:15%}
.matrix th,.matrix td{padding:.25rem .2rem;border:1px solid var(--rule);overflow-wrap:anywhere}
.matrix td{text-align:center}
.matrix .own{color:var(--dim);background:var(--panel)}
.matrix .h0{color:var(--dim)}
.matrix tbody th{font-weight:600}
`;
const DRAWINGS = `
svg{display:block;overflow:visible}
svg svg{overflow:visible}
svg text{fill:var(--fg);font-size:12px;font-family:inherit}
.plot{font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
svg .name{font-size:14px;font-weight:700}
svg .name.small{font-size:12.5px;font-weight:600;paint-order:stroke;stroke:var(--bg);stroke-width:3px}
svg .value{text-anchor:end;font-variant-numeric:tabular-nums}
svg .in{fill:var(--in);text-anchor:middle;font-weight:600;pointer-events:none}
svg .on-narrow,.note.on-narrow{display:none}
svg .tick,svg .axis-name{fill:var(--dim)}
.bar{stroke:var(--bg);stroke-width:1px}
.track{fill:var(--panel)}
.grid{stroke:var(--rule);stroke-dasharray:2 3}
.axis{stroke:var(--dim)}
.hill{fill:var(--compute);opacity:.75}
.median{stroke:var(--fg);stroke-width:2px}
.tail{stroke:var(--fg);stroke-width:2px;stroke-dasharray:3 3}
span.line{display:inline-block;width:0;height:1em;border-left:2px solid var(--fg);vertical-align:-.15em}
span.line.tail{border-left-style:dashed}
.dot{fill:var(--trap);stroke:var(--bg);stroke-width:1.5px}
.leader{stroke:var(--dim);fill:none}
svg .line{fill:none;stroke-width:2.5px;vector-effect:non-scaling-stroke}
.line.sync{stroke:var(--trap)}
.line.async{stroke:var(--compute);stroke-dasharray:7 4}
.dot.sync{fill:var(--trap)}
.dot.async{fill:var(--compute)}
.sample{display:inline-block;vertical-align:middle}
.down{fill:var(--compute)}
.up{fill:var(--trap)}
.limit{stroke:var(--fg);stroke-width:2px;stroke-dasharray:4 3}
svg .limit-name{font-weight:600}
.note .holds{color:var(--kernel)}
.note .breaks{color:var(--trap)}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1.4rem 2rem}
.panels.wide{grid-template-columns:repeat(auto-fill,minmax(min(100%,40rem),1fr))}
.panel{min-width:0}
.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:0 2rem;font-size:.875rem;margin-top:.8rem}
.key h3{font-size:.875rem}
.key li{margin:.15rem 0}
.swatch{display:inline-block;width:.9em;height:.9em;margin-right:.45em;vertical-align:-.08em;border-radius:2px}
.swatch.h0{border:1px solid var(--rule)}
`;
const BOXES = `
.boxes{width:100%;max-width:30rem;height:auto}
.wall{fill:none;stroke-width:4px}
.wall.kernel{stroke:var(--privileged-wall)}
.wall.user{stroke:var(--user-wall)}
.inside.kernel{fill:var(--privileged)}
.inside.user{fill:var(--user)}
.cell{fill:var(--bg);stroke:var(--rule)}
.cell.core{stroke:var(--privileged-wall);stroke-dasharray:4 3}
svg .in-cell{text-anchor:middle}
svg .domain{font-size:10px;fill:var(--dim);font-weight:600}
.arrow{fill:none}
.arrow.direct{stroke:var(--dim);stroke-width:1px}
.arrow.crossing{stroke:var(--fg);stroke-width:1.8px}
.head.direct{fill:var(--dim)}
.head.crossing{fill:var(--fg)}
svg .gate{font-size:10px;text-anchor:middle;font-weight:600;paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
svg .gate.left{text-anchor:start}
.floor{stroke:var(--rule)}
.device{fill:var(--panel);stroke:var(--dim)}
.iommu{stroke:var(--privileged-wall);stroke-width:3px;fill:var(--privileged)}
.iommu.off{stroke-width:1.5px;stroke-dasharray:5 4;fill:none}
`;
/** On a phone a table's row becomes a card: its cells say themselves which column they are. */
const NARROW = `
@media screen and (max-width:62rem){
.main,.main caption,.main tbody,.main tr,.main th,.main td{display:block}
.main thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.main tr{border:1px solid var(--rule);border-radius:6px;margin:.7rem 0;padding:.2rem .6rem}
.main th,.main td,.main td.n{border:0;padding:.12rem 0}
.main tbody th{font-size:1.05rem}
.main td{display:flex;justify-content:space-between;gap:1rem;text-align:right}
.main td::before{content:attr(data-of);color:var(--dim);text-align:left}
.main tbody{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:0 1rem}
}
@media screen and (max-width:52rem){
svg .on-narrow,.note.on-narrow{display:revert}
svg .on-wide{display:none}
.matrix,.matrix tbody,.matrix tr,.matrix tbody th{display:block}
.matrix thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.matrix tr{padding:.35rem 0;border-bottom:1px solid var(--rule)}
.matrix tbody th,.matrix th:first-child{width:auto;border:0;padding:0 0 .25rem}
.matrix tbody th::before{content:"when ";font-weight:400}
.matrix tbody th::after{content:" fails";font-weight:400}
.matrix td{display:inline-block;margin:0 .25rem .25rem 0;border-radius:4px;padding:.15rem .4rem}
.matrix td::before{content:attr(data-of) ": "}
.matrix td.own,.matrix td.calm{display:none}
}
`;
const PRINT = `
@media print{
html{font-size:11px}
body{max-width:none;padding:0}
nav,details{display:none}
figure{break-inside:avoid;margin:1.2rem 0}
#domains,#containment,#sweep,#cycles-by-component{break-inside:auto}
.panel,tr{break-inside:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;

export const STYLE: string = `:root{color-scheme:light;${variables(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;${variables(DARK)}}}
${PAGE}${TABLES}${DRAWINGS}${BOXES}${causeColours}${harmColours}${NARROW}${PRINT}`;
