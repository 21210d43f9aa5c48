/** The words that products are found by, and those of them that a mistyped word may have meant. */

import { createKept } from '../../database/kept.ts'
import { distance } from './distance.ts'

/** A word that is new in the shop is found as written at once; only as a correction it may come this late. */
const KEPT_MS = 60_000
/** A shop of more words than this has its most used ones corrected. */
const MOST_WORDS = 100_000
const MOST_CANDIDATES = 20

/** All words of a shop's products and variations, those of many first. */
export const vocabularyOf = createKept(KEPT_MS, async (db, storeId) => {
  const { rows } = await db.query<{ word: string }>(
    `SELECT word
     FROM ts_stat(format(
       'SELECT search_words FROM mirror.products WHERE store_id = %1$s AND deleted_at IS NULL
        UNION ALL
        SELECT search_words FROM mirror.variations WHERE store_id = %1$s AND deleted_at IS NULL',
       $1::integer))
     ORDER BY ndoc DESC, word
     LIMIT $2`,
    [storeId, MOST_WORDS],
  )
  return rows.map(({ word }) => word)
})

/**
 * What a word may have meant: itself where words begin with it, else the words with the fewest typing errors
 * between, or that have it inside.
 * @returns beginnings of words, folded; empty where nothing is like it
 */
export function candidates(word: string, vocabulary: readonly string[]): string[] {
  if (vocabulary.some((known) => known.startsWith(word))) return [word]
  const inside = word.length < 3 ? [] : vocabulary.filter((known) => known.includes(word))
  if (inside.length > 0) return inside.slice(0, MOST_CANDIDATES)
  let fewest = word.length < 3 ? 0 : word.length < 5 ? 1 : word.length < 9 ? 2 : 3
  let found: string[] = []
  const numbered = /\d/.test(word)
  for (const known of vocabulary) {
    // A SKU or a size is no misspelt word.
    if (/\d/.test(known) !== numbered) continue
    const errors = distance(word, known, fewest)
    if (errors > fewest) continue
    if (errors < fewest) found = []
    fewest = errors
    if (errors > 0) found.push(known)
  }
  return found.slice(0, MOST_CANDIDATES)
}
