/** Words as they are looked for: folded, and as conditions on the words of a product and its variations. */
import type { Asking, Reader } from '../../database/asking.ts'
import { candidates, vocabularyOf } from './vocabulary.ts'

/** Words beyond these would narrow nothing down that the first ones have not. */
const MOST_WORDS = 10

export interface Words {
  /** The text without diacritics and punctuation, in small letters. */
  form: string
  words: string[]
}

export async function fold(db: Reader, text: string): Promise<Words> {
  const { rows } = await db.query<{ forms: string[] }>(
    `SELECT ARRAY(
       SELECT mirror.search_form(piece) FROM regexp_split_to_table($1, '\\s+') WITH ORDINALITY AS one (piece, place)
       ORDER BY place
     ) AS forms`,
    [text],
  )
  const forms = (rows[0]?.forms ?? []).filter((form) => form !== '')
  const words = [...new Set(forms.flatMap(wordsOf))].slice(0, MOST_WORDS)
  return { form: forms.join(' '), words }
}

/** A SKU is looked for in one piece: VOD-001 is no vodka whose other number is 001. */
function wordsOf(form: string): string[] {
  return /\d/.test(form) ? [form.replaceAll(' ', '')] : form.split(' ')
}

/** Beginnings of words, as a tsquery. They are folded, but what is special there stays no danger. */
const beginning = (word: string) => `'${word.replace(/[\\']/g, '\\$&')}':*`

/**
 * A condition on `p`: all words begin words of the product, or of the product together with one variation.
 * @param values values of the query; what the condition needs is appended
 */
export function allWords({ words }: Words, values: unknown[]): string {
  if (words.length === 0) return 'false'
  values.push(words.map(beginning).join(' & '), words.map(beginning).join(' | '))
  const [all, any] = [`$${values.length - 1}::tsquery`, `$${values.length}::tsquery`]
  return `(p.search_words @@ ${all} OR p.id = ANY(ARRAY(
    SELECT v.product_id
    FROM mirror.variations v
    JOIN mirror.products o ON o.store_id = v.store_id AND o.id = v.product_id
    WHERE v.store_id = $1 AND v.deleted_at IS NULL AND v.search_words @@ ${any}
      AND (o.search_words || v.search_words) @@ ${all})))`
}

/** What may have been meant by each word; words that are like none are left out. */
export async function alternatives(db: Asking, storeId: number, { words }: Words): Promise<string[][]> {
  const vocabulary = await vocabularyOf(db, storeId)
  return words.map((word) => candidates(word, vocabulary)).filter((found) => found.length > 0)
}

/**
 * How many of the words a product has, by itself or by a variation, as a query that gives `id` and `hits`: only
 * the products that have most of them.
 * @param among a condition on `p`: which products come into question
 */
export function mostWords(groups: readonly string[][], among: string, values: unknown[]): string {
  const queries = groups.map((group) => {
    values.push(group.map(beginning).join(' | '))
    return `$${values.length}::tsquery`
  })
  values.push(groups.flat().map(beginning).join(' | '))
  const any = `$${values.length}::tsquery`
  const hits = (words: string) => queries.map((query) => `(${words} @@ ${query})::int`).join(' + ')
  return `
    SELECT id, hits
    FROM (
      SELECT id, max(hits) AS hits, max(max(hits)) OVER () AS most
      FROM (
        SELECT p.id, ${hits('p.search_words')} AS hits
        FROM mirror.products p
        WHERE p.store_id = $1 AND p.deleted_at IS NULL AND ${among} AND p.search_words @@ ${any}
        UNION ALL
        SELECT p.id, ${hits('(p.search_words || v.search_words)')}
        FROM mirror.variations v
        JOIN mirror.products p ON p.store_id = v.store_id AND p.id = v.product_id
        WHERE v.store_id = $1 AND v.deleted_at IS NULL AND p.deleted_at IS NULL AND ${among}
          AND v.search_words @@ ${any}
      ) one
      GROUP BY id
    ) ranked
    WHERE hits = most`
}
