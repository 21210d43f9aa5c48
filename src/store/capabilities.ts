/** What a shop's lists can do, as the probe found it; kept with the store. */
import { z } from 'zod'
import type { ResourceName } from './resources.ts'

const listCapability = z.object({
  /** The shop has this list at all: global variations since WooCommerce 10.3, global refunds since 9.0 (8, 9). */
  available: z.boolean(),
  /** `modified_after` is honoured; null: could not be told, the list was empty (1). */
  modified: z.boolean().nullable(),
  /** `after` and `before` are honoured. */
  created: z.boolean().nullable(),
  /** Statuses that can be named in the list (6); null where the resource has none. */
  statuses: z.array(z.string()).nullable(),
})

export type ListCapability = z.infer<typeof listCapability>

export const capabilitiesSchema = z.object({
  lists: z.record(z.string(), listCapability).default({}),
  /** The key may write; null: not tried. */
  mayWrite: z.boolean().nullable().default(null),
  /** Resources read from the shop's own database, which shows every status. */
  bySql: z.array(z.string()).default([]),
})

export type Capabilities = z.infer<typeof capabilitiesSchema>

export function listCapabilityOf(capabilities: Capabilities, name: ResourceName): ListCapability {
  return capabilities.lists[name] ?? { available: true, modified: null, created: null, statuses: null }
}
