/** Who calls an operation, and what they may. */

/** read: asks the copy. operate: makes the program work. admin: changes who may do what. Each holds the one before. */
export type Access = 'read' | 'operate' | 'admin'

export const accessLevels = ['read', 'operate', 'admin'] as const satisfies readonly Access[]

export interface Caller {
  /** For logs and limits, never a secret: `local`, `key 12`, `user 3`. */
  name: string
  access: Access
  /** May see names, addresses, e-mails. */
  personal: boolean
  /** Ids of the stores it may ask about; null: all. */
  stores: readonly number[] | null
}

/** Whoever runs the program on this machine: its settings and its database are theirs. */
export const LOCAL: Caller = { name: 'local', access: 'admin', personal: true, stores: null }

export function mayCall(caller: Caller, needed: Access): boolean {
  return accessLevels.indexOf(caller.access) >= accessLevels.indexOf(needed)
}

export function maySee(caller: Caller, storeId: number): boolean {
  return caller.stores === null || caller.stores.includes(storeId)
}
