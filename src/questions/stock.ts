import { stockStatus } from './stock/status.ts'

export const stock = { status: stockStatus }
