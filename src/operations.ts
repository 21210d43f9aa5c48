/**
 * The registry: every question and every action, defined once. Each interface turns it into its own form: an
 * endpoint, a subcommand, a tool for language models, a function of the library.
 */
import { connectionTest } from './operations/connection.ts'
import type { Operation } from './operations/define.ts'
import { doctor } from './operations/doctor.ts'
import { operationsOf } from './operations/from-question.ts'
import { keys } from './operations/keys.ts'
import { mirror } from './operations/mirror.ts'
import { orderNotes } from './operations/notes.ts'
import { sync } from './operations/sync.ts'
import { users } from './operations/users.ts'
import { verify } from './operations/verify.ts'
import { questions } from './questions.ts'

export const operations = {
  products: operationsOf(questions.products),
  stock: operationsOf(questions.stock),
  orders: operationsOf(questions.orders),
  sales: operationsOf(questions.sales),
  customers: operationsOf(questions.customers),
  baskets: operationsOf(questions.baskets),
  forecast: operationsOf(questions.forecast),
  mirror,
  sync,
  verify,
  doctor,
  testConnection: connectionTest,
  orderNotes,
  keys,
  users,
} as const

/** The same as a list, in the order of the registry. */
export const allOperations: readonly Operation[] = Object.values(operations).flatMap((one) =>
  isOperation(one) ? [one] : (Object.values(one) as Operation[]),
)

function isOperation(one: object): one is Operation {
  return 'run' in one
}
