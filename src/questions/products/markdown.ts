/** Products as Markdown (A9), in the shape that the shop's people know. */
import { decodeHTML } from 'entities'
import { z } from 'zod'
import type { Product } from './product.ts'

export const languageInput = z.enum(['ro', 'es', 'en']).default('ro').describe('Language of the text.')

type Language = z.output<typeof languageInput>

export const WORDS = {
  ro: {
    total: 'Total Produse',
    available: 'Produse Disponibile',
    price: 'Preț',
    from: 'de la',
    stock: 'Stoc',
    inStock: 'disponibil',
    backorder: 'la comandă',
    outOfStock: 'epuizat',
    categories: 'Categorii',
    tags: 'Etichete',
    page: 'Pagina',
    status: 'Stare',
    more: (count: number) => `… și încă ${count}`,
  },
  es: {
    total: 'Total de productos',
    available: 'Productos disponibles',
    price: 'Precio',
    from: 'desde',
    stock: 'Existencias',
    inStock: 'disponible',
    backorder: 'por encargo',
    outOfStock: 'agotado',
    categories: 'Categorías',
    tags: 'Etiquetas',
    page: 'Página',
    status: 'Estado',
    more: (count: number) => `… y ${count} más`,
  },
  en: {
    total: 'Total products',
    available: 'Available products',
    price: 'Price',
    from: 'from',
    stock: 'Stock',
    inStock: 'available',
    backorder: 'on backorder',
    outOfStock: 'sold out',
    categories: 'Categories',
    tags: 'Tags',
    page: 'Page',
    status: 'Status',
    more: (count: number) => `… and ${count} more`,
  },
} as const

const MARKS: Readonly<Record<string, string>> = { outofstock: '❌', onbackorder: '⚠️' }

interface Shown {
  name: string | null
  sku: string | null
  price: string | null
  price_from?: string | null
  price_to?: string | null
  currency: string | null
  stock_quantity: number | null
  stock_status: string | null
}

/** `✅ **Name** - SKU: VOD-001 | Preț: 24 RON | Stoc: 45` */
export function productLine(product: Shown, language: Language): string {
  const words = WORDS[language]
  const mark = MARKS[product.stock_status ?? ''] ?? '✅'
  return (
    `${mark} **${escapeMarkdown(product.name ?? '–')}** - SKU: ${escapeMarkdown(product.sku ?? '–')}` +
    ` | ${words.price}: ${priceOf(product, language)} | ${words.stock}: ${stockOf(product, language)}`
  )
}

/** The line, and below it what else is known. */
export function productDetails(product: Product, language: Language): string {
  const words = WORDS[language]
  const lines: string[] = []
  const add = (word: string, value: string) => {
    if (value !== '') lines.push(`- **${escapeMarkdown(word)}:** ${value}`)
  }
  add(words.status, product.status === 'publish' ? '' : escapeMarkdown(product.status ?? ''))
  add('GTIN', escapeMarkdown(product.gtin ?? ''))
  add(words.categories, product.categories.map(({ path }) => path.map(escapeMarkdown).join(' › ')).join(', '))
  add(words.tags, product.tags.map(({ name }) => escapeMarkdown(name ?? '')).join(', '))
  for (const { name, options } of product.attributes) add(name, options.map(escapeMarkdown).join(', '))
  add(words.page, linkOf(product.permalink))
  const text = plainText(product.short_description || product.description || '')
  const parts = [productLine(product, language), lines.join('\n'), escapeMarkdown(text)]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** 24.00 → `24 RON`, 79.90 → `79.90 RON`, as the shop's people write it. */
function priceOf(product: Shown, language: Language): string {
  const { price_from: from, price_to: to } = product
  const varies = from !== to && from !== undefined
  const price = varies ? from : product.price
  if (price === null) return '–'
  const written = [price.replace(/\.0+$/, ''), product.currency].filter(Boolean).join(' ')
  return varies ? `${WORDS[language].from} ${written}` : written
}

function stockOf({ stock_quantity, stock_status }: Shown, language: Language): string {
  const words = WORDS[language]
  if (stock_quantity !== null) return String(stock_quantity)
  if (stock_status === 'outofstock') return words.outOfStock
  return stock_status === 'onbackorder' ? words.backorder : words.inStock
}

/** A text of the shop's is no markup, and no link either; on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~#&@]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, -1)}\\.`)
}

function linkOf(address: string | null): string {
  return address !== null && /^https?:\/\/[^\s<>]+$/.test(address) ? `<${address}>` : ''
}

/** Tags and shortcodes out, entities as what they mean. */
function plainText(html: string): string {
  const text = html.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
  return decodeHTML(text.replace(/\[\/?[a-z][\w-]*[^\]]*\]/gi, ' ')).trim()
}
