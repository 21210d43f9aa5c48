/** `woosync test-connection`, in the form that shop owners know from the program before this one (A2). */
import { type Connected, testConnection } from '../../operations/connection.ts'
import type { Settings } from '../../settings.ts'
import type { Step } from '../../store/sql/way.ts'
import { runOnce } from './once.ts'
import { priceText } from './price.ts'
import { EXIT, faultText } from './process.ts'
import { en } from './words/en.ts'
import { type ConnectionWords, wordsFor } from './words.ts'

type Answer = Awaited<ReturnType<typeof testConnection>>
type Product = Answer['first'][number]

const RULE = '='.repeat(62)

export function runConnection(json: boolean): Promise<number> {
  let words = en
  /** A way that broke and is opened again makes the same steps. */
  const told = new Set<string>()
  return runOnce({
    name: 'test-connection',
    patience: 'person',
    json,
    begin(settings, print) {
      words = wordsFor(settings, process.env)
      print([RULE, words.title(placeOf(settings, words)), RULE, '', `1. ${words.checking}`].join('\n'))
    },
    onStep(step, print) {
      const text = `✅ ${stepText(step, words)}`
      if (!told.has(text)) print(text)
      told.add(text)
    },
    async work(app, signal, print) {
      const onConnected = (connected: Connected) => {
        print(
          [...connectedLines(connected, words), '', `2. ${words.synchronising(connected.host)}`].join('\n'),
        )
      }
      const answer = await testConnection({ app, signal, shop: app.openStore }, onConnected)
      return { text: productLines(answer, words).join('\n'), json: answer, exit: EXIT.well }
    },
    say(fault) {
      const own = words.faults[fault.code]
      const said = own ? { message: own.sentence(fault.data), wayOut: own.wayOut } : fault
      return faultText({ message: said.message, wayOut: said.wayOut, code: fault.code }).replace('✗', '❌')
    },
  })
}

function placeOf(settings: Settings, words: ConnectionWords): string {
  const { WOOCOMMERCE_URL: url, MYSQL_DATABASE: database } = settings
  if (url !== undefined) return url.replace(/^https?:\/\//, '')
  return database === undefined ? words.demoShop : `${database} @ ${settings.SSH_HOST ?? settings.MYSQL_HOST}`
}

function stepText(step: Step, { database: words }: ConnectionWords): string {
  switch (step.step) {
    case 'host-key':
      return words.hostKey(step)
    case 'ssh-sign-in':
      return words.sshSignIn(step)
    case 'way':
      return words.way[step.way]
    case 'sql-sign-in':
      return words.signIn(step)
  }
}

function connectedLines(connected: Connected, words: ConnectionWords): string[] {
  const { database } = connected
  const lines = [
    ...(database === null
      ? []
      : [
          `✅ ${words.database.rights(database)}`,
          `✅ ${words.database.storage(database)}`,
          `✅ ${words.database.counts(database)}`,
        ]),
    ...(connected.signIn === 'none' ? [] : [`✅ ${words.connected}`]),
    `   ${words.shop(connected.name ?? connected.host, connected.woocommerce)}`,
  ]
  if (connected.signIn === 'none') return lines
  return connected.mayWrite === false ? [...lines, `⚠️  ${words.readOnly}`] : lines
}

export function productLines({ products, first }: Answer, words: ConnectionWords): string[] {
  return [
    `✅ ${words.synchronised(products)}`,
    '',
    `3. ${first.length > 0 ? words.first(first.length) : words.noProducts}`,
    ...first.map((product, at) => `   ${at + 1}. ${productText(product, words)}`),
  ]
}

function productText(
  { name, inStock, stockStatus, price, currency, stock }: Product,
  words: ConnectionWords,
) {
  const stateOf = { instock: words.inStock, outofstock: words.outOfStock, onbackorder: words.onBackorder }
  const cost = price === null ? words.noPrice : priceText(price, currency)
  return `${inStock ? '✅' : '❌'} ${name} - ${cost} | ${words.stock}: ${stock ?? stateOf[stockStatus]}`
}
