/**
 * Makes docs/settings.md, docs/errors.md, .env.example and the table of questions in docs/cli.md from the tables in src/:
 * `node scripts/docs.ts`.
 * A test fails while the files differ from the tables.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type ErrorCode, errorKinds } from '../src/errors.ts'
import { allOperations } from '../src/operations.ts'
import { OLDER_NAMES, type SettingDoc, settingDocs } from '../src/settings.ts'

const root = new URL('../', import.meta.url)

/** The generated files: path from the root → text. */
export function documents(): Record<string, string> {
  return {
    'docs/settings.md': settingsPage(),
    'docs/errors.md': errorsPage(),
    'docs/cli.md': cliPage(),
    '.env.example': envExample(),
  }
}

function settingsPage(): string {
  const older = Object.entries(OLDER_NAMES).map(([old, name]) => `\`${old}\` (now \`${name}\`)`)
  return [
    '# Settings',
    '',
    'All of them are optional: with none set, `npm start` shows a demo shop. They are read from the environment and',
    'from a file `.env` in the folder the program is started in; the environment wins. An empty value counts as not',
    'set. Paths that are not absolute begin in that folder. In `.env`, a value with a `#` in it needs quotation marks.',
    'A name that is nearly one of the shop’s settings is refused. [.env.example](../.env.example) is a file to begin with.',
    '',
    `Names from earlier programs work as well: ${older.join(', ')}.`,
    '',
    ...byGroup(settingDocs).flatMap(([group, settings]) => [
      `## ${group}`,
      '',
      '| setting | meaning | takes | when not set |',
      '| --- | --- | --- | --- |',
      ...settings.map(
        ({ name, meaning, takes, fallback }) =>
          `| \`${name}\` | ${meaning} | ${takes} | ${fallback === null ? '' : `\`${fallback}\``} |`,
      ),
      '',
    ]),
    'This page is made by `node scripts/docs.ts`.',
    '',
  ].join('\n')
}

function envExample(): string {
  return [
    '# Copy this file to .env and fill in the first three lines. Everything else may stay as it is.',
    '# docs/settings.md says the same as a table.',
    ...byGroup(settingDocs).flatMap(([group, settings]) => [
      '',
      `# --- ${group}`,
      ...settings.flatMap(({ name, meaning, takes, fallback }) => {
        const line = `${name}=${fallback ?? ''}`
        return ['', `# ${meaning}`, `# It takes ${takes}.`, FILL_IN.has(name) ? line : `# ${line}`]
      }),
    ]),
    '',
  ].join('\n')
}

const FILL_IN = new Set(['WOOCOMMERCE_URL', 'WOOCOMMERCE_KEY', 'WOOCOMMERCE_SECRET'])

function byGroup(settings: readonly SettingDoc[]): [string, SettingDoc[]][] {
  return [...Map.groupBy(settings, ({ group }) => group)]
}

function errorsPage(): string {
  return [
    '# Errors',
    '',
    'Every fault has a code that stays the same, a sentence, and the way out; the last column is the status an HTTP interface answers with.',
    '',
    ...errorGroups().flatMap(([group, codes]) => [
      `## ${group}`,
      '',
      '| code | sentence | way out | status |',
      '| --- | --- | --- | --- |',
      ...codes.map((code) => {
        const { wayOut, status } = errorKinds[code]
        return `| \`${code}\` | ${cell(sentenceOf(code))} | ${cell(wayOut)} | ${status} |`
      }),
      '',
    ]),
    'This page is made by `node scripts/docs.ts`.',
    '',
  ].join('\n')
}

const START = '<!-- questions -->'
const END = '<!-- end of questions -->'

/** The page as it is, with the table of questions as the registry has them. */
function cliPage(): string {
  const page = readFileSync(new URL('docs/cli.md', root), 'utf8')
  const rows = allOperations
    .filter(({ name }) => name.includes('.'))
    .map(({ name, positional = [], summary }) => {
      const words = [...name.split('.'), ...positional.map((one) => `<${one}>`)].join(' ')
      return `| \`${words}\` | ${summary.replaceAll('|', '\\|')} |`
    })
  const table = ['| woosync … | what it answers |', '| --- | --- |', ...rows].join('\n')
  const [before, after] = [page.split(START)[0], page.split(END)[1]]
  return `${before}${START}\n${table}\n${END}${after}`
}

/** The sentence with `<host>` where the host stands. */
function sentenceOf(code: ErrorCode): string {
  const placeholders = new Proxy({}, { get: (_, name) => `<${String(name)}>` })
  return errorKinds[code].sentence(placeholders)
}

/** Markdown takes `<host>` for a tag, but not in code, and `|` for the end of a cell. */
function cell(text: string): string {
  return text
    .replace(/`[^`]*`|<\w+>/g, (found) => (found.startsWith('`') ? found : `\`${found}\``))
    .replaceAll('|', '\\|')
}

/** The codes under the comments that group them in src/errors.ts. @throws when one is under none */
export function errorGroups(): [string, ErrorCode[]][] {
  const source = readFileSync(new URL('src/errors.ts', root), 'utf8')
  const table = source.slice(source.indexOf('export const errorKinds'), source.indexOf('} satisfies'))
  const groups: [string, ErrorCode[]][] = []
  for (const [, group, code] of table.matchAll(/(?<=\n\n|\{\n) {2}\/\/ (.+)$|^ {2}(\w+): kind\(/gm)) {
    if (group !== undefined) groups.push([group.replace(/\.$/, ''), []])
    else groups.at(-1)?.[1].push(code as ErrorCode)
  }
  const grouped = new Set<string>(groups.flatMap(([, codes]) => codes))
  const lost = Object.keys(errorKinds).filter((code) => !grouped.has(code))
  if (lost.length > 0) throw new Error(`In src/errors.ts these stand under no comment: ${lost.join(', ')}`)
  return groups.filter(([, codes]) => codes.length > 0)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [path, text] of Object.entries(documents())) writeFileSync(new URL(path, root), text)
}
