/** What a terminal makes of characters: how much room they take, and which of them it would take for orders. */
import { stripVTControlCharacters } from 'node:util'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g
/** They turn the direction of what follows. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g

/** Text from a shop may hold escape sequences: they do not reach the terminal. Line ends stay. */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text.replace(/\r\n?|\t/g, (found) => (found === '\t' ? '  ' : '\n')))
    .replace(CONTROLS, '')
    .replace(TURNS, '')
}

/** The same on one line. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/g, ' ').trim()
}

/** One document, in which no character is an order to a terminal: JSON has its own form for them. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const graphemes = new Intl.Segmenter()
/** East Asian wide characters and pictures: two columns. */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u
const PLAIN = /^[\u0020-\u007e]*$/
const NO_ROOM = /^[\p{Mn}\p{Me}\p{Cf}]*$/u

/** Columns a text takes: combining marks none, wide characters two. */
export function width(text: string): number {
  if (PLAIN.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += widthOf(segment)
  return columns
}

/** Cut to so many columns, with a sign that something is missing. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text
  let kept = ''
  let room = columns - 1
  for (const { segment } of graphemes.segment(text)) {
    room -= widthOf(segment)
    if (room < 0) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

function widthOf(grapheme: string): number {
  if (NO_ROOM.test(grapheme)) return 0
  return WIDE.test(grapheme) ? 2 : 1
}

/** Broken at spaces into lines of so many columns. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && width(line) + 1 + width(word) > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
