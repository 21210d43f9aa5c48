/** What WordPress' own functions make of a text, as far as REST shows it. */
import { decodeHTML } from 'entities'

// One line of words: WordPress changes nothing in it.
const PLAIN = /^[^<>&%\s\p{Cc}]+(?: [^<>&%\s\p{Cc}]+)*$/u

/** `wc_clean`: one line without tags, without encoded octets, without white space around. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text
  let clean = text
  if (clean.includes('<')) {
    clean = escapeOpenTags(clean)
      .replace(/<(script|style)[^>]*?>[\s\S]*?<\/\1>/gi, '')
      .replace(/<!--[\s\S]*?-->|<\/?[a-z!?][^>]*>/gi, '')
  }
  clean = clean.replace(/[\r\n\t ]+/g, ' ').trim()
  const before = clean
  while (OCTET.test(clean)) clean = clean.replace(OCTETS, '')
  return clean === before ? clean : clean.replace(/ +/g, ' ').trim()
}

const OCTET = /%[a-f0-9]{2}/i
const OCTETS = /%[a-f0-9]{2}/gi

/**
 * How REST shows the value of a line's meta (`display_value`): `wp_kses_post`, paragraphs, then `wc_clean`. Tags go,
 * `&`, `<` and `>` that are none stay as entities.
 */
export function displayText(text: string): string {
  if (PLAIN.test(text)) return text
  const safe = escapeOpenTags(encodeAmpersands(text.replace(NO_CHARACTERS, '')))
    .replace(BLOCKS, '\n')
    .replace(/<!--[\s\S]*?-->|<[^>]*>/g, '')
    .replaceAll('>', '&gt;')
  return cleanText(safe)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those that `wp_kses_no_null` takes out
const NO_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g

/** Between blocks WordPress puts lines, which become a space. */
const BLOCKS = /<\/?(?:p|div|ul|ol|li|table|tr|td|th|h[1-6]|blockquote|pre|section|article|hr)(?:\s[^>]*)?>/gi

/** A `<` that no `>` closes is text. */
function escapeOpenTags(text: string): string {
  return text.replace(/<[^>]*?(?=<|$)/g, (open) =>
    open.replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
  )
}

function encodeAmpersands(text: string): string {
  return text.replace(/&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z]{2,8}\d{0,2};)?/g, (found, entity) =>
    entity !== undefined && decodeHTML(found) !== found ? found : `&amp;${entity ?? ''}`,
  )
}

/** PHP's `rawurldecode`: octets that make no UTF-8 stay as they are. */
export function rawUrlDecode(text: string): string {
  if (!OCTET.test(text)) return text
  return text.replace(/(?:%[a-f0-9]{2})+/gi, (octets) => {
    try {
      return decodeURIComponent(octets)
    } catch {
      return octets
    }
  })
}

/**
 * `sanitize_title`, near enough to compare two names by it: letters without accents, words joined by dashes.
 * Letters that have no Latin form stay, where WordPress would encode them.
 */
export function titleSlug(text: string): string {
  return rawUrlDecode(text)
    .replace(/<[^>]*>/g, '')
    .replace(/[ßæœøđłþðı]/gi, (letter) => LATIN[letter.toLowerCase()] ?? letter)
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/&.+?;/g, '')
    .replace(/[.\s–—/]+/g, '-')
    .replace(/[^\p{L}\p{N}_-]/gu, '')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
}

const LATIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  þ: 'th',
  ð: 'd',
  ı: 'i',
}
