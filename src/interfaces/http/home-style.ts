/** The page's one style sheet: wide screens get a table, narrow ones a card for each resource. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f6f6f3; --sheet: #fff; --text: #1d2321; --soft: #5b6663;
  --line: #e2e4df; --good: #1b6e47; --open: #8f4f00; --bad: #a5271c }
@media (prefers-color-scheme: dark) { :root { --ground: #151918; --sheet: #1d2221; --text: #e6eae8;
  --soft: #a0aba7; --line: #313937; --good: #6cc795; --open: #e2ac5b; --bad: #f08d82 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif }
main { max-width: 72rem; margin: 0 auto; padding: 2.5rem 1.5rem 3rem }
h1 { margin: 0; font-size: 1.6rem; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere }
.verdict { display: flex; align-items: center; gap: .5rem; margin: .5rem 0 .25rem; font-size: 1.1rem }
.soft { margin: 0; color: var(--soft); font-size: .87rem }
.good { color: var(--good) } .open { color: var(--open) } .bad { color: var(--bad) } .idle { color: var(--soft) }
svg { flex: none; width: 1.1em; height: 1.1em; vertical-align: -.17em }
.verdict svg { width: 1.4em; height: 1.4em }
.sheet { margin: 1.75rem 0; background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .55rem .8rem; text-align: right; vertical-align: top; white-space: nowrap }
th:first-child, td:first-child { text-align: left; white-space: normal; padding-left: 1.1rem }
th:last-child, td:last-child { padding-right: 1.1rem }
thead th { color: var(--soft); font-size: .8rem; font-weight: 500; border-bottom: 1px solid var(--line) }
tbody th { font-weight: 550 }
tbody tr + tr > * { border-top: 1px solid var(--line) }
.why { display: block; margin-left: 1.6rem; color: var(--soft); font-size: .83rem; font-weight: 400 }
.name { display: flex; align-items: center; gap: .5rem }
.none { color: var(--soft) }
.count { font-weight: 650; color: var(--open) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .9rem; margin: 0; color: var(--soft);
  font-size: .87rem }
dt { font-weight: 600 } dd { margin: 0 }
@media (max-width: 56rem) {
  main { padding: 1.5rem 1rem 2rem }
  .sheet { background: none; border: 0 }
  table, tbody, tr, th, td { display: block }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tbody tr { display: grid; grid-template-columns: repeat(12, 1fr); gap: .5rem; padding: .8rem 1rem;
    margin-bottom: .7rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem }
  tbody tr + tr > * { border: 0 }
  th:first-child { grid-column: 1 / -1 }
  th:first-child, td, td:last-child { padding: 0; text-align: left; white-space: normal }
  td { grid-column: span 3; font-size: .93rem }
  td:nth-child(6) { grid-column: span 4 }
  td:last-child { grid-column: span 5 }
  td::before { content: attr(data-label); display: block; color: var(--soft); font-size: .76rem }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem }
}
`
