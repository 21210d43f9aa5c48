export const baskets = {}
