/**
 * Text to UTF-8 in pieces of a bounded size. One long text of a whole batch would be built, flattened and
 * encoded as a whole: twice the time, and memory that only a full collection frees.
 */
const PIECE = 64 * 1024

export interface Pieces {
  add(text: string): void
  end(): Buffer[]
}

export function createPieces(): Pieces {
  const full: Buffer[] = []
  let piece = Buffer.allocUnsafe(PIECE)
  let used = 0

  return {
    add(text) {
      // A UTF-16 unit takes at most three bytes.
      const most = text.length * 3
      if (most > piece.length - used) {
        if (used > 0) full.push(piece.subarray(0, used))
        piece = Buffer.allocUnsafe(Math.max(PIECE, most))
        used = 0
      }
      used += piece.write(text, used)
    },
    end() {
      if (used > 0) full.push(piece.subarray(0, used))
      return full
    },
  }
}
