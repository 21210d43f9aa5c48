/** Answers that read better in a form of their own. Everything they leave out is in --json. */
import { forecastText } from './answers/forecast.ts'
import { keyText } from './answers/keys.ts'
import { orderText } from './answers/order.ts'
import { breakdownText, salesText } from './answers/sales.ts'
import { stockText } from './answers/stock.ts'
import { renderVerification } from './render.ts'
import type { Look } from './values.ts'

/** null: the usual form says it as well. */
type Render = (answer: never, look: Look) => string | null

/** By the operation's name. */
export const ownAnswers: Readonly<Record<string, Render | undefined>> = {
  'stock.status': stockText,
  'sales.stats': salesText,
  'sales.breakdown': breakdownText,
  'orders.get': orderText,
  'forecast.sales': forecastText,
  'keys.create': keyText,
  'mirror.verification': (answer, look) => renderVerification(answer, look.now),
}
