/** The library: a shop's copy as functions. docs/library.md begins with an example. */
export { type ErrorCode, WooSyncError } from './errors.ts'
export { type OpenStoreOptions, openStore, type ShopStore } from './interfaces/library/open.ts'
