/** The mirror's table of each resource; a test holds the columns against the migrated database. */
import type { ResourceName } from '../../store/resources.ts'
import * as catalogue from './catalogue.ts'
import type { MirrorTable } from './column.ts'
import * as orders from './orders.ts'
import * as shop from './shop.ts'
import { tickets } from './tickets.ts'

export const mirrorTables: Readonly<Record<ResourceName, MirrorTable>> = {
  ...catalogue,
  ...orders,
  ...shop,
  tickets,
}
