/** The page to sign in and out: one form, no scripts. */
import { createHash } from 'node:crypto'
import { escapeHtml } from './home-text.ts'

const STYLE = `
:root { color-scheme: light dark; --ground: #f6f6f3; --sheet: #fff; --text: #1d2321; --soft: #5b6663;
  --line: #c9cdc8; --accent: #14625e; --bad: #a5271c }
@media (prefers-color-scheme: dark) { :root { --ground: #151918; --sheet: #1d2221; --text: #e6eae8;
  --soft: #a0aba7; --line: #4a5350; --accent: #2b8f89; --bad: #f08d82 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif }
main { width: min(24rem, 100vw); padding: 1.5rem }
h1 { margin: 0 0 1rem; font-size: 1.4rem }
label { display: block; margin: 0 0 1rem }
label span { display: block; margin-bottom: .25rem; color: var(--soft); font-size: .87rem }
input { width: 100%; padding: .55rem .7rem; font: inherit; color: inherit; background: var(--sheet);
  border: 1px solid var(--line); border-radius: .4rem }
button { padding: .55rem 1.1rem; font: inherit; font-weight: 600; color: #fff; background: var(--accent); border: 0;
  border-radius: .4rem; cursor: pointer }
.bad { color: var(--bad) } .soft { color: var(--soft); font-size: .87rem }
a { color: inherit }
`

/** Forms may be sent to this server alone. */
export const SIGN_IN_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** @param next where to go afterwards, a path of this server */
export function signInPage(next: string, fault: string | null): string {
  const said = fault === null ? '' : `<p class="bad" role="alert">${escapeHtml(fault)}</p>`
  return page(
    'Sign in',
    `<h1>Sign in</h1>${said}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${escapeHtml(next)}">
<label><span>E-mail</span><input name="email" type="email" autocomplete="username" required autofocus maxlength="200"></label>
<label><span>Password</span><input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<button>Sign in</button>
</form>
<p class="soft">An administrator makes users: <code>woosync users create</code>.</p>`,
  )
}

export function signedInPage(): string {
  return page(
    'Signed in',
    `<h1>You are signed in</h1>
<p><a href="/">How the copy stands</a> · <a href="/docs">The interface</a></p>
<form method="post" action="/sign-out"><button>Sign out</button></form>`,
  )
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · woosync</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`
}
