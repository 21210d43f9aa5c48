/** JSON as PHP's `json_encode` writes it: `\/` for a slash, `\u0219` for what is not ASCII. Signatures depend on it. */
export function phpJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
