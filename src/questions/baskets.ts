import { basketsTogether } from './baskets/together.ts'

export const baskets = { together: basketsTogether }
