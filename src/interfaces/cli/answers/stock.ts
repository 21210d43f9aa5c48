/** The stock of one thing: its name, and what of it there is. */
import { cleanLine } from '../terminal.ts'
import { NONE, pairs } from '../values.ts'
import type { AnswerTo, Operations } from './answer-to.ts'

export function stockText({ stock }: AnswerTo<Operations['stock']['status']>): string | null {
  if (stock === null) return null
  const { name, sku, stock_quantity: pieces, stock_status: status, backorders } = stock
  const states: Record<string, string> = {
    instock: 'in stock',
    outofstock: 'out of stock',
    onbackorder: 'on backorder',
  }
  const state = states[status ?? ''] ?? cleanLine(status ?? 'no stock status')
  const id = stock.variation_id === null ? `product ${stock.product_id}` : `variation ${stock.variation_id}`
  const kept = [
    ['stock', pieces === null ? `${state}; pieces are not counted` : `${pieces}, ${state}`],
    ['SKU', cleanLine(sku ?? '') || NONE],
    ['status', cleanLine(stock.status ?? '') || NONE],
    ['backorders', backorders === null ? NONE : cleanLine(backorders)],
    ['id', id],
  ] as const
  return `${cleanLine(name ?? '') || NONE}\n${pairs(kept, 100)}`
}
