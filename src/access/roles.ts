import type { Access } from './caller.ts'

/** What a person may do who signs in. */
export type Role = 'viewer' | 'operator' | 'admin'

export const roles = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[]

export const accessOfRole: Record<Role, Access> = { viewer: 'read', operator: 'operate', admin: 'admin' }

export function isRole(text: string | null): text is Role {
  return roles.some((role) => role === text)
}
