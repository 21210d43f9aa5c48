import { breakdown } from './sales/breakdown.ts'
import { definitions } from './sales/definitions.ts'
import { stats } from './sales/stats.ts'

export const sales = { stats, breakdown, definitions }
