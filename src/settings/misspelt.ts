/** Names that nobody reads, where one that is read was meant. */

/** Only names that look like the shop's: others may belong to other programs. */
const OURS = /^(wo|wc_)/i

/**
 * A name of the source that is misspelt: in other letters than capitals, or but for up to two letters in one
 * place. Silence would lead to the demo shop, or to a default nobody chose.
 * @param source names as they are set
 * @param names all that are read
 */
export function misspelt(
  source: readonly string[],
  names: readonly string[],
): { given: string; meant: string } | undefined {
  for (const given of source) {
    if (!OURS.test(given) || names.includes(given)) continue
    const meant = names.find((name) => isNear(given.toUpperCase(), name))
    if (meant !== undefined) return { given, meant }
  }
  return undefined
}

function isNear(given: string, name: string): boolean {
  const most = Math.min(given.length, name.length)
  let start = 0
  while (start < most && given[start] === name[start]) start++
  let end = 0
  while (end < most - start && given.at(-1 - end) === name.at(-1 - end)) end++
  return given.length - start - end <= 2 && name.length - start - end <= 2
}
