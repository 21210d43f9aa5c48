/** Reviews of the demo shop's products, and what they come to as ratings. */
import type { ShopInfo } from '../shop.ts'
import type { Raw } from '../table.ts'
import { avatar } from './buyers.ts'
import { type Clock, DAY } from './clock.ts'
import { personOf } from './people.ts'
import type { Product } from './product.ts'
import { between, chance, createRandom, mix, pick } from './random.ts'
import { slugOf } from './terms.ts'

const TEXTS: readonly (readonly [text: string, rating: number])[] = [
  ['Foarte bun, recomand!', 5],
  ['Livrare rapidă, ambalaj bun.', 5],
  ['Sticla a venit zgâriată…', 2],
  ['Excelentă 👌 O mai comandăm de sărbători.', 5],
  ['Bun, dar cam scump față de anul trecut.', 4],
  ['Aromă plăcută, „ca la bunica”. Merită.', 5],
  ['Nu e pe gustul meu, dar e băutură cinstită.', 3],
  ['L-am luat cadou și a plăcut tuturor & vecinilor.', 4],
]

/** `now` in Unix seconds; ids follow each other from 1. */
export function createReviews(options: {
  info: ShopInfo
  seed: number
  clock: Clock
  catalog: readonly Product[]
  now: number
}): { records: Raw[]; ratings: Map<number, { average: number; count: number }> } {
  const { info, clock } = options
  const random = createRandom(mix(options.seed, options.catalog.length, 91))
  const simple = options.catalog.filter((each) => each.type === 'simple' && each.status === 'publish')
  const sums = new Map<number, { sum: number; count: number }>()
  const wanted = Math.min(60, Math.ceil(simple.length / 3))
  const moments = Array.from({ length: wanted }, () => options.now - between(random, DAY, 300 * DAY))
  const records = moments
    .sort((a, b) => a - b)
    .map((created, at): Raw => {
      const product = pick(random, simple)
      const person = personOf(options.seed, between(random, 0, 2000))
      const [review, rating] = pick(random, TEXTS)
      const status = chance(random, 0.88) ? 'approved' : 'hold'
      if (status === 'approved') {
        const sum = sums.get(product.id) ?? { sum: 0, count: 0 }
        sums.set(product.id, { sum: sum.sum + rating, count: sum.count + 1 })
      }
      return {
        id: at + 1,
        date_created: clock.local(created),
        date_created_gmt: clock.gmt(created),
        product_id: product.id,
        product_name: product.name,
        // The shop's address is known only when its server listens.
        get product_permalink() {
          return `${info.url}/product/${slugOf(product.name)}/`
        },
        status,
        reviewer: `${person.first} ${person.last[0]}.`,
        reviewer_email: person.email,
        review,
        rating,
        verified: chance(random, 0.6),
        reviewer_avatar_urls: Object.fromEntries(
          [24, 48, 96].map((size) => [size, avatar(person.email, size)]),
        ),
      }
    })
  return {
    records,
    ratings: new Map(
      [...sums].map(([id, { sum, count }]) => [id, { average: Math.round((sum * 100) / count), count }]),
    ),
  }
}
