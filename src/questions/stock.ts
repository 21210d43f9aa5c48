import { stockCover } from './stock/cover.ts'
import { dead } from './stock/dead.ts'
import { backordered, low, out, unmanaged } from './stock/low.ts'
import { stockStatus } from './stock/status.ts'

export const stock = { status: stockStatus, low, out, backordered, unmanaged, dead, cover: stockCover }
