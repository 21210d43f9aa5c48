/** The words of `test-connection` in the languages of the people who read it. */
import type { ErrorCode, WooSyncError } from '../../errors.ts'
import type { Settings } from '../../settings.ts'
import type { ShopDatabase } from '../../store/sql/database.ts'
import { en } from './words/en.ts'
import { es } from './words/es.ts'
import { ro } from './words/ro.ts'

type Data = WooSyncError['data']

export interface FaultWords {
  sentence: (data: Data) => string
  wayOut: string
}

/** The way to the shop's own database, a line for each step. */
export interface DatabaseWords {
  hostKey: (step: { host: string; fingerprint: string; known: boolean }) => string
  sshSignIn: (step: { host: string; user: string }) => string
  way: Record<ShopDatabase['way'], string>
  signIn: (step: { host: string; user: string; database: string; version: string }) => string
  rights: (found: { tables: number }) => string
  storage: (found: { storage: 'hpos' | 'classic'; prefix: string; timezone: string }) => string
  counts: (found: { orders: number; products: number; variations: number; customers: number }) => string
}

export interface ConnectionWords {
  title: (host: string) => string
  demoShop: string
  checking: string
  connected: string
  shop: (name: string, woocommerce: string | null) => string
  readOnly: string
  synchronising: (host: string) => string
  synchronised: (products: number) => string
  first: (products: number) => string
  noProducts: string
  stock: string
  noPrice: string
  /** Of a product whose pieces are not counted. */
  inStock: string
  outOfStock: string
  onBackorder: string
  database: DatabaseWords
  /** What keeps shops from being reached most often; everything else is said in English. */
  faults: Partial<Record<ErrorCode, FaultWords>>
}

export type Language = 'ro' | 'es' | 'en'

const languages: Record<Language, ConnectionWords> = { ro, es, en }

/** The words of the language that is set, else of the machine's own, else English. */
export function wordsFor(settings: Settings, environment: NodeJS.ProcessEnv): ConnectionWords {
  return languages[settings.WOOSYNC_LANGUAGE ?? languageOf(environment)]
}

/** As programs do: LC_ALL before LC_MESSAGES before LANG, `ro_RO.UTF-8` → `ro`. */
export function languageOf(environment: NodeJS.ProcessEnv): Language {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || ''
  const [language = ''] = locale.toLowerCase().split(/[_.@-]/)
  return language === 'ro' || language === 'es' ? language : 'en'
}
