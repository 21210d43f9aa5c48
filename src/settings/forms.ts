/** The forms that settings take: each checks a text of the environment and says in a few words what it wants. */
import { homedir } from 'node:os'
import { z } from 'zod'

const taken = new WeakMap<z.ZodType, string>()

/** A form whose one complaint is `it takes …`, the same words that docs/settings.md shows. */
function form<Value>(takes: string, read: (text: string) => Value | undefined) {
  const type = z.string().transform((text, context) => {
    const value = read(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `it takes ${takes}` })
    return z.NEVER
  })
  taken.set(type, takes)
  return type
}

/** What a setting takes, for people: through its default or its being optional. */
export function takesOf(type: z.ZodType): string {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault)
    return takesOf(type.unwrap() as z.ZodType)
  return taken.get(type) ?? ''
}

export const flag = form('true or false', (text) => {
  if (/^(true|1|yes|on)$/i.test(text)) return true
  return /^(false|0|no|off)$/i.test(text) ? false : undefined
})

export const number = (least: number, most: number) =>
  form(`a number from ${least} to ${most}`, (text) => numberOf(text, least, most))

export const whole = (least: number, most: number) =>
  form(`a whole number from ${least} to ${most}`, (text) => {
    const value = numberOf(text, least, most)
    return Number.isInteger(value) ? value : undefined
  })

function numberOf(text: string, least: number, most: number): number | undefined {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

export const choice = <const Name extends string>(names: readonly Name[]) =>
  form(`${names.slice(0, -1).join(', ')} or ${names.at(-1)}`, (text) =>
    names.find((name) => name === text.toLowerCase()),
  )

/** A home address: without user, query or slash at the end, its host in the one usual spelling. */
export const webAddress = form(
  'an address such as https://shop.example, without user, password or question mark',
  (text) => {
    const url = URL.parse(text)
    if (!url || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) return undefined
    if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) return undefined
    // People copy what they see in the browser; the interface is found below the home by itself.
    const folder = url.pathname.replace(/\/(wp-json|wp-admin|wp-login\.php)(\/.*)?$/, '').replace(/\/+$/, '')
    return `${url.origin}${folder}`
  },
)

export const postgresAddress = form('an address such as postgres://user:password@host/database', (text) =>
  /^postgres(ql)?:\/\/./i.test(text) && URL.canParse(text) ? text : undefined,
)

/** A name, a password: anything in one line. What it is instead is never shown. */
export const line = form('a text in one line', (text) => (/[\0\r\n]/.test(text) ? undefined : text))

export const hostName = form('a name or an address, without a port', (text) =>
  /^(?:[\p{L}\d._-]+|\[?[\da-f:.%]+\]?)$/iu.test(text) ? text.replace(/^\[(.+)\]$/, '$1') : undefined,
)

/** As ssh-keygen -l prints it. */
export const fingerprint = form(
  'a fingerprint such as SHA256:…, with 43 letters, digits and signs',
  (text) => (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(text) ? text.replace(/=$/, '') : undefined),
)

export const tablePrefix = form('letters, digits and underscores', (text) =>
  /^\w{1,40}$/.test(text) ? text : undefined,
)

/** A key of WooCommerce. What it is instead is never shown. */
export const storeKey = (prefix: 'ck_' | 'cs_') =>
  form(`a key that begins with ${prefix}`, (text) =>
    text.startsWith(prefix) && /^[\x21-\x7e]{4,}$/.test(text) ? text : undefined,
  )

export const ownKey = form('at least 16 letters, digits or signs without a space', (text) =>
  /^[\x21-\x7e]{16,}$/.test(text) ? text : undefined,
)

/** What a server listens on: an address or a name of this machine. */
export const listenAddress = form('an address of this machine, such as 127.0.0.1 or 0.0.0.0', (text) => {
  const bare = text.replace(/^\[(.+)\]$/, '$1')
  return /^[\w.:%-]+$/.test(bare) ? bare : undefined
})

/** A file or folder; made absolute by whoever knows where `.env` lies. */
export const path = form('a path', (text) =>
  text.includes('\0') ? undefined : text.replace(/^~(?=\/|\\|$)/, homedir),
)

/** Origins as browsers send them: scheme, host and port, nothing behind. */
export const origins = form<readonly string[]>(
  'addresses such as https://app.example, with commas between them',
  (text) => {
    const found = text.split(',').map((one) => one.trim())
    const isOrigin = (one: string) => /^https?:\/\//.test(one) && URL.parse(one)?.origin === one
    return found.every(isOrigin) ? found : undefined
  },
)
