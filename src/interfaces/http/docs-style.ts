/** The style of the page that describes the interface. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --ground: #f6f6f3; --sheet: #fff; --text: #1d2321; --soft: #5b6663;
  --line: #e2e4df; --accent: #14625e; --code: #eceeea }
@media (prefers-color-scheme: dark) { :root { --ground: #151918; --sheet: #1d2221; --text: #e6eae8;
  --soft: #a0aba7; --line: #313937; --accent: #7cc4bf; --code: #262d2b } }
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
a { color: var(--accent) }
.frame { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 2.5rem; max-width: 78rem; margin: 0 auto;
  padding: 0 1.5rem }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 2rem 0; font-size: .87rem }
nav ul { list-style: none; margin: .1rem 0 .9rem; padding: 0 }
nav li { padding: .1rem 0 }
nav a { color: var(--text); text-decoration: none }
nav a:hover { text-decoration: underline }
nav b { color: var(--soft); font-weight: 600 }
main { padding: 2rem 0 4rem; min-width: 0 }
h1 { margin: 0 0 .3rem; font-size: 1.7rem; letter-spacing: -.01em }
h2 { margin: 2.8rem 0 .4rem; font-size: 1.25rem; text-transform: capitalize }
h3 { margin: 0; font-size: 1rem; font-family: ui-monospace, monospace; font-weight: 600; overflow-wrap: anywhere }
section > article { padding: 1.2rem 0 1.3rem; border-top: 1px solid var(--line) }
.method { color: var(--accent); margin-right: .5rem }
.soft { color: var(--soft) }
.names { margin: .35rem 0 .6rem; font-size: .87rem; color: var(--soft) }
p { margin: .35rem 0 .6rem; max-width: 46rem }
code, pre { font: .87em/1.45 ui-monospace, monospace; background: var(--code); border-radius: .3rem }
code { padding: .08rem .3rem; overflow-wrap: anywhere }
pre { padding: .6rem .8rem; overflow: auto; margin: .6rem 0 0 }
table { border-collapse: collapse; width: 100%; margin: .3rem 0; font-size: .92rem }
caption { text-align: left; color: var(--soft); font-size: .8rem; padding: .3rem 0 }
td, th { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; font-weight: 400 }
th { white-space: nowrap; width: 11rem }
tr + tr > * { border-top: 1px solid var(--line) }
summary { cursor: pointer; color: var(--soft); font-size: .87rem; padding: .2rem 0 }
.deep1 { padding-left: 1.1rem } .deep2 { padding-left: 2.2rem } .deep3 { padding-left: 3.3rem }
.deep4, .deep5, .deep6 { padding-left: 4.4rem }
@media (max-width: 52rem) { .frame { display: block; padding: 0 1rem } nav { position: static; max-height: none }
  table, tbody, tr, td, th { display: block; width: auto } td { padding-left: 1rem } }
`
