/** Categories, tags and attributes of the demo shop with their ids: one sequence, as WordPress terms have. */
import type { Raw } from '../table.ts'
import { plain } from './people.ts'

export interface Term {
  id: number
  name: string
  slug: string
  parent: number
}

const FIRST_TERM = 15

/** name, slug, slug of the parent; the order is that of the ids. */
const CATEGORIES: readonly (readonly [name: string, slug: string, parent?: string])[] = [
  ['Uncategorized', 'uncategorized'],
  ['Băuturi spirtoase', 'bauturi-spirtoase'],
  ['Vodcă', 'vodca', 'bauturi-spirtoase'],
  ['Gin', 'gin', 'bauturi-spirtoase'],
  ['Rom', 'rom', 'bauturi-spirtoase'],
  ['Whisky & Whiskey', 'whisky-whiskey', 'bauturi-spirtoase'],
  ['Scotch', 'scotch', 'whisky-whiskey'],
  ['Bourbon', 'bourbon', 'whisky-whiskey'],
  ['Irlandez', 'irlandez', 'whisky-whiskey'],
  ['Țuică și pălincă', 'tuica-si-palinca', 'bauturi-spirtoase'],
  ['Coniac / Brandy', 'coniac-brandy', 'bauturi-spirtoase'],
  ['Lichior', 'lichior', 'bauturi-spirtoase'],
  ['Vin', 'vin'],
  ['Vin roșu', 'vin-rosu', 'vin'],
  ['Vin alb', 'vin-alb', 'vin'],
  ['Vin rosé', 'vin-rose', 'vin'],
  ['Spumant', 'spumant', 'vin'],
  ['Bere', 'bere'],
  ['Bere blondă', 'bere-blonda', 'bere'],
  ['Bere artizanală', 'bere-artizanala', 'bere'],
  ['Răcoritoare', 'racoritoare'],
  ['Accesorii', 'accesorii'],
  ['Cadouri', 'cadouri'],
  ['Evenimente', 'evenimente'],
  ['Categorie goală', 'categorie-goala'],
]
const TAGS = ['Ofertă', 'Nou', 'Premium', 'Ediție limitată', 'Bio', 'Făcut în România', 'Top vânzări']
const ATTRIBUTES: readonly (readonly [id: number, name: string, slug: string, terms: readonly string[]])[] = [
  [1, 'Volum', 'pa_volum', ['200 ml', '330 ml', '500 ml', '700 ml', '750 ml', '1 L', '3 L']],
  [
    2,
    'Țara de origine',
    'pa_tara',
    [
      'România',
      'Republica Moldova',
      'Polonia',
      'Suedia',
      'Regatul Unit',
      'Irlanda',
      'Cuba',
      'Jamaica',
      'Guatemala',
      'Scoția',
      'SUA',
      'Italia',
      'Cehia',
    ],
  ],
  [3, 'Tip bilet', 'pa_tip-bilet', ['General', 'VIP']],
]

export const categories: readonly Term[] = CATEGORIES.map(([name, slug, parent], at) => ({
  id: FIRST_TERM + at,
  name,
  slug,
  parent: parent === undefined ? 0 : FIRST_TERM + CATEGORIES.findIndex((each) => each[1] === parent),
}))

export const tags: readonly Term[] = TAGS.map((name, at) => ({
  id: FIRST_TERM + CATEGORIES.length + at,
  name,
  slug: slugOf(name),
  parent: 0,
}))

const FIRST_VALUE = FIRST_TERM + CATEGORIES.length + TAGS.length

/** The terms of each attribute, by the attribute's id. */
export const values: ReadonlyMap<number, readonly Term[]> = new Map(
  ATTRIBUTES.map(([id, , , names], at) => {
    const before = ATTRIBUTES.slice(0, at).reduce((sum, each) => sum + each[3].length, 0)
    return [
      id,
      names.map((name, place) => ({
        id: FIRST_VALUE + before + place,
        name,
        slug: slugOf(name),
        parent: 0,
      })),
    ]
  }),
)

export function categoryBySlug(slug: string): Term {
  const found = categories.find((each) => each.slug === slug)
  if (!found) throw new Error(`no category ${slug}`)
  return found
}

/** `Vin roșu „Țapului”, 1 L` → `vin-rosu-tapului-1-l`. */
export function slugOf(name: string): string {
  return name
    .split(/[\s/–-]+/u)
    .map(plain)
    .filter((part) => part !== '')
    .join('-')
}

/** What each term is used by, for the `count`s. */
export interface TermUse {
  categories: readonly number[]
  tags: readonly number[]
  values: readonly string[]
}

/** The REST lists. A parent counts its children's products too; names come HTML-encoded (row 12b). */
export function termLists(uses: readonly TermUse[]) {
  const above = new Map(categories.map((each) => [each.id, each.parent]))
  const counts = new Map<number, number>()
  const byValue = new Map<string, number>()
  for (const use of uses) {
    const touched = new Set<number>(use.tags)
    for (const id of use.categories) for (let at = id; at !== 0; at = above.get(at) ?? 0) touched.add(at)
    for (const id of touched) counts.set(id, (counts.get(id) ?? 0) + 1)
    for (const name of use.values) byValue.set(name, (byValue.get(name) ?? 0) + 1)
  }
  return {
    categories: categories.map(
      (each): Raw => ({
        id: each.id,
        name: encoded(each.name),
        slug: each.slug,
        parent: each.parent,
        description: each.slug === 'bauturi-spirtoase' ? 'Tărie fină — din România și din lume.' : '',
        display: 'default',
        image: null,
        menu_order: 0,
        count: counts.get(each.id) ?? 0,
      }),
    ),
    tags: tags.map(
      (each): Raw => ({
        id: each.id,
        name: encoded(each.name),
        slug: each.slug,
        description: '',
        count: counts.get(each.id) ?? 0,
      }),
    ),
    attributes: ATTRIBUTES.map(
      ([id, name, slug]): Raw => ({
        id,
        name,
        slug,
        type: 'select',
        order_by: 'menu_order',
        has_archives: false,
      }),
    ),
    terms: new Map(
      [...values].map(([id, list]) => [
        id,
        list.map(
          (each): Raw => ({
            id: each.id,
            name: encoded(each.name),
            slug: each.slug,
            description: '',
            menu_order: 0,
            count: byValue.get(each.name) ?? 0,
          }),
        ),
      ]),
    ),
  }
}

function encoded(name: string): string {
  return name.replaceAll('&', '&amp;')
}
