/** The texts beneath the help of commands, and the headings commands stand under. */
import type { Operation } from '../../operations/define.ts'
import { fieldsOf, flagOf } from './options.ts'

export const EXIT_HELP = `
Exit codes: 0 well, 1 not well (try again or look), 2 wrong use or settings, 130 stopped.
Settings come from the environment and from .env in this folder (docs/settings.md).`

export const HEADINGS = {
  start: 'To begin:',
  copy: 'The copy:',
  ask: 'Questions (woosync <group> --help lists them):',
  access: 'Who may ask:',
  more: 'More:',
} as const

/** Groups that are no questions. */
export const GROUP_HEADINGS: Readonly<Record<string, string>> = {
  keys: HEADINGS.access,
  users: HEADINGS.access,
}

/** Written where the made one would say too little. Without `woosync` and the command's own name. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'products.search': ['vodka rosie', '"tuica" --min-price 50 --csv'],
  'products.get': ['1024'],
  'products.by-sku': ['ABC-123'],
  'products.in-category': ['vinuri'],
  'stock.status': ['--sku ABC-123', '--id 1024 --json'],
  'stock.low': ['--threshold 5', '--csv > low.csv'],
  'stock.dead': ['--days 90'],
  'orders.list': ['--status processing on-hold', '--days 7 --csv > orders.csv'],
  'orders.get': ['10482', '10482 --json'],
  'sales.stats': ['--days 30', '--from 2026-01-01 --to 2026-03-31 --json'],
  'sales.breakdown': ['category --days 30', 'month --from 2026-01-01 --to 2026-06-30 --json'],
  'forecast.sales': ['--json'],
  'mirror.needs-refresh': ['--max-age-minutes 5'],
  'keys.create': ['--scope admin', '--scope read personal --name "stock page" --json'],
  'keys.revoke': ['3'],
  'users.create': ['maria@example.com --role operator'],
}

export function examplesOf(operation: Operation): string[] {
  const command = commandOf(operation)
  const own = EXAMPLES[operation.name] ?? madeFor(operation)
  return own.map((rest) => `${command} ${rest}`.trim())
}

/** `woosync products in-category` */
export const commandOf = ({ name }: Operation): string => `woosync ${name.replaceAll('.', ' ')}`

export function questionHelp(operation: Operation): string {
  return ['', 'Examples:', ...examplesOf(operation).map((line) => `  ${line}`), EXIT_HELP].join('\n')
}

function madeFor({ input, positional = [], list }: Operation): string[] {
  const fields = fieldsOf(input)
  const needed = fields
    .filter(({ name, required }) => required || name === positional[0])
    .map(({ name }) => (positional.includes(name) ? `<${name}>` : `${flagOf(name)} <${name}>`))
    .join(' ')
  return [needed, `${needed} ${list === undefined ? '--json' : '--csv'}`.trim()]
}
