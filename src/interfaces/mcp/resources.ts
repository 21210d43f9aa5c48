/** Products and orders as resources: what a person picks from a list in a chat, beside the tools a model calls. */
import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js'
import type { Resource } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'

export interface ResourceKind {
  name: string
  title: string
  description: string
  /** `woosync://products/{id}`; behind it `?store=2` may stand. */
  uri: string
  /** The operation that reads one; what stands in braces is a field of its input. */
  read: string
  /** The field of its answer that is null where there is none. */
  record?: string
  /** How all of them are listed, page by page. */
  list?: Listing
  /** How what a person types becomes values for the braces. */
  complete?: Completion
}

interface Listing {
  operation: string
  input: Record<string, unknown>
  /** The resources of one page of its answer. */
  toResources(answer: unknown): Resource[]
}

interface Completion {
  operation: string
  input(typed: string): Record<string, unknown>
  toValues(answer: unknown, typed: string): string[]
}

const MIME_TYPE = 'application/json'

const productRows = z.looseObject({
  products: z.array(
    z.looseObject({
      id: z.int(),
      name: z.string().nullish(),
      sku: z.string().nullish(),
      price: z.string().nullish(),
      currency: z.string().nullish(),
      stock_status: z.string().nullish(),
    }),
  ),
})

const orderRows = z.looseObject({ orders: z.array(z.looseObject({ number: z.string().nullish() })) })

/** The most values that a completion may have. */
const COMPLETIONS = 100

export const resourceKinds: readonly ResourceKind[] = [
  {
    name: 'product',
    title: 'Product',
    description: 'One product with its price, stock, categories and attributes.',
    uri: 'woosync://products/{id}',
    read: 'products.get',
    record: 'product',
    list: {
      operation: 'products.search',
      input: { facts: 'none' },
      toResources: (answer) =>
        productRows.parse(answer).products.map(({ id, name, sku, price, currency, stock_status }) => ({
          uri: `woosync://products/${id}`,
          name: sku || String(id),
          title: name || `Product ${id}`,
          description: [price && [price, currency].filter(Boolean).join(' '), stock_status]
            .filter(Boolean)
            .join(', '),
          mimeType: MIME_TYPE,
        })),
    },
    complete: {
      operation: 'products.search',
      input: (typed) => ({ ...(typed !== '' && { text: typed }), limit: COMPLETIONS, facts: 'none' }),
      toValues: (answer) => productRows.parse(answer).products.map(({ id }) => String(id)),
    },
  },
  {
    name: 'order',
    title: 'Order',
    description: 'One order with its status, totals, items and refunds.',
    uri: 'woosync://orders/{number}',
    read: 'orders.get',
    record: 'order',
    complete: {
      operation: 'orders.list',
      input: () => ({ limit: COMPLETIONS, facts: 'none' }),
      toValues: (answer, typed) =>
        orderRows.parse(answer).orders.flatMap(({ number }) => (number?.startsWith(typed) ? [number] : [])),
    },
  },
]

export interface FoundResource {
  kind: ResourceKind
  /** Fields of the reading operation's input, as texts. */
  given: Record<string, string>
}

/** What a URI names; null: nothing of ours. */
export function findResource(kinds: readonly ResourceKind[], uri: string): FoundResource | null {
  const [path = '', query = ''] = uri.split('?', 2)
  for (const kind of kinds) {
    const values = new UriTemplate(kind.uri).match(path)
    if (values === null) continue
    try {
      const texts = Object.entries(values).map(([name, value]) => [name, decodeURIComponent(String(value))])
      return {
        kind,
        given: { ...Object.fromEntries(new URLSearchParams(query)), ...Object.fromEntries(texts) },
      }
    } catch {
      return null
    }
  }
  return null
}

export const isTemplate = ({ uri }: ResourceKind): boolean => uri.includes('{')
