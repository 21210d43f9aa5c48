import { customerCohorts } from './customers/cohorts.ts'
import { getCustomer } from './customers/get.ts'
import { lifetimeValue } from './customers/lifetime-value.ts'
import { listCustomers } from './customers/list.ts'
import { customerSegments } from './customers/segments.ts'

export const customers = {
  list: listCustomers,
  get: getCustomer,
  segments: customerSegments,
  cohorts: customerCohorts,
  lifetimeValue,
}
