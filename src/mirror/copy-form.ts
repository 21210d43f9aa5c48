/**
 * Rows as COPY reads them in its binary form: nothing is escaped, and Postgres has no text to take apart, which is
 * a fifth of its time. In pieces: one buffer for a whole batch would be memory that only a full collection frees.
 */
import { numericParts } from './numeric-form.ts'
import type { ColumnType, ColumnValue } from './tables/column.ts'

/** A value that the type cannot hold, or that is too odd to be written here: Postgres itself may judge its text. */
export class NotInCopyForm extends Error {}

export interface CopyForm {
  /** Begins a row of so many fields. */
  row(fields: number): void
  value(type: ColumnType, value: ColumnValue): void
  /** JSON text for a jsonb column. */
  json(text: string): void
  end(): Buffer[]
}

const PIECE = 64 * 1024
const SIGNATURE = Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1')
/** No flags, nothing more in the header. */
const HEADER = Buffer.concat([SIGNATURE, Buffer.alloc(8)])
const TRAILER = -1
const NULL = -1
/** The first version of jsonb's own form: JSON text follows. */
const JSONB_VERSION = 1
const BIGINT_OID = 20
const TWO_TO_32 = 2 ** 32
const INTEGER_MOST = 2 ** 31 - 1
/** Up to here a look at each character is quicker than a call of the encoder. */
const SHORT = 40

/** Postgres counts microseconds from here. */
const EPOCH = Date.UTC(2000, 0, 1)

export function createCopyForm(): CopyForm {
  const full: Buffer[] = []
  let piece = Buffer.allocUnsafe(PIECE)
  let used = HEADER.copy(piece)

  /** Room for so many bytes in one piece. */
  const reserve = (bytes: number): void => {
    if (bytes <= piece.length - used) return
    if (used > 0) full.push(piece.subarray(0, used))
    piece = Buffer.allocUnsafe(Math.max(PIECE, bytes))
    used = 0
  }
  const int16 = (value: number): void => {
    piece[used] = value >> 8
    piece[used + 1] = value
    used += 2
  }
  const int32 = (value: number): void => {
    used = writeInt32(piece, value, used)
  }
  const int64 = (value: number): void => {
    const high = Math.floor(value / TWO_TO_32)
    int32(high)
    int32(value - high * TWO_TO_32)
  }
  const text = (value: string): void => {
    const { length } = value
    reserve(4 + length * 3)
    const start = used + 4
    const written = (length <= SHORT && asAscii(piece, value, start)) || piece.write(value, start)
    int32(written)
    used = start + written
  }
  const json = (value: string): void => {
    reserve(5 + value.length * 3)
    const written = piece.write(value, used + 5)
    int32(written + 1)
    piece[used] = JSONB_VERSION
    used += 1 + written
  }
  const numeric = (value: string): void => {
    const parts = numericParts(value)
    if (parts === null) throw new NotInCopyForm()
    const { digits, weight, negative, scale } = parts
    reserve(12 + digits.length * 2)
    int32(8 + digits.length * 2)
    int16(digits.length)
    int16(weight)
    int16(negative ? 0x4000 : 0)
    int16(scale)
    for (let at = 0; at < digits.length; at++) int16(digits[at] as number)
  }
  const list = (values: readonly number[]): void => {
    reserve(24 + values.length * 12)
    const isEmpty = values.length === 0
    int32(isEmpty ? 12 : 20 + values.length * 12)
    int32(isEmpty ? 0 : 1)
    int32(0)
    int32(BIGINT_OID)
    if (isEmpty) return
    int32(values.length)
    int32(1)
    for (const value of values) {
      int32(8)
      int64(value)
    }
  }

  return {
    row(fields) {
      reserve(2)
      int16(fields)
    },
    value(type, value) {
      if (value === null) {
        reserve(4)
        int32(NULL)
        return
      }
      switch (type) {
        case 'text':
          return text(String(value))
        case 'numeric':
          return numeric(String(value))
        case 'jsonb':
          return json(JSON.stringify(value))
        case 'bigint[]':
          return list(value as number[])
      }
      reserve(12)
      const number = Number(value)
      switch (type) {
        case 'boolean':
          int32(1)
          piece[used++] = number
          return
        case 'integer':
          if (Math.abs(number) > INTEGER_MOST) throw new NotInCopyForm()
          int32(4)
          return int32(number)
        case 'bigint':
          int32(8)
          return int64(number)
        case 'timestamptz': {
          const micros = (number - EPOCH) * 1000
          // 285 years each way, and with it the year 0 that Postgres does not know.
          if (!Number.isSafeInteger(micros)) throw new NotInCopyForm()
          int32(8)
          return int64(micros)
        }
      }
    },
    json,
    end() {
      reserve(2)
      int16(TRAILER)
      full.push(piece.subarray(0, used))
      return full
    },
  }
}

function writeInt32(piece: Buffer, value: number, at: number): number {
  piece[at] = value >>> 24
  piece[at + 1] = value >>> 16
  piece[at + 2] = value >>> 8
  piece[at + 3] = value
  return at + 4
}

/** Writes text of ASCII alone, and says how many bytes; 0 when there is other, or nothing. */
function asAscii(piece: Buffer, value: string, start: number): number {
  for (let at = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at)
    if (unit > 0x7f) return 0
    piece[start + at] = unit
  }
  return value.length
}
