/** What a shop answers when it refuses: the status, and the body WooCommerce sends with it (row 30a). */
export class DemoError extends Error {
  override name = 'DemoError'
  status: number
  code: string
  data: Record<string, unknown>

  /** `data` holds what stands beside `status` in the body's `data`, e.g. `params` and `details`. */
  constructor(status: number, code: string, message: string, data: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.data = data
  }

  /** WooCommerce's error JSON, fields in its order. */
  body(): { code: string; message: string; data: Record<string, unknown> } {
    return { code: this.code, message: this.message, data: { status: this.status, ...this.data } }
  }
}
