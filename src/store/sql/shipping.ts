/** Shipping zones and the methods in them. */
import type { Fields } from '../canonical.ts'
import { ownMethods } from '../method-settings.ts'
import type { Cell } from './database.ts'
import { isEnglish } from './language.ts'
import type { SqlReader } from './reader.ts'
import { idCondition, wantedRows } from './rows.ts'
import { tableName } from './tables.ts'
import { optionFields, readOptions } from './wp-options.ts'

/** The zone of all places without one: it is in no table. */
const ELSEWHERE = '0'

export const shippingZoneReader: SqlReader = {
  async list(shop, after, limit) {
    const rows = await shop.database.query(
      `SELECT zone_id FROM ${tableName(shop, 'woocommerce_shipping_zones')}
       WHERE zone_id > ? ORDER BY zone_id LIMIT ?`,
      [Number(after ?? 0), limit],
    )
    const ids = rows.map(([id]) => id ?? '')
    return (after === null ? [ELSEWHERE, ...ids].slice(0, limit) : ids).map((id) => ({
      id,
      modifiedAt: null,
    }))
  },

  async read(shop, ids) {
    const zones = idCondition('zone_id', ids)
    const rows = await shop.database.query(
      `SELECT zone_id, zone_name, zone_order FROM ${tableName(shop, 'woocommerce_shipping_zones')}
       WHERE ${zones.sql}`,
      zones.values,
    )
    const found: Fields[] = [...wantedRows(rows, ids).values()].map(([id, name, order]) => ({
      id: Number(id),
      name,
      order: Number(order),
    }))
    if (!ids.includes(ELSEWHERE)) return found
    const name = (await isEnglish(shop)) && { name: 'Locations not covered by your other zones' }
    return [{ id: 0, ...name, order: 0 }, ...found]
  },
}

export const shippingMethodReader: SqlReader = {
  partial: true,
  async list(shop, after, limit) {
    // A deleted zone may leave methods behind, which no list shows.
    const rows = await shop.database.query(
      `SELECT m.instance_id FROM ${tableName(shop, 'woocommerce_shipping_zone_methods')} m
       WHERE m.instance_id > ?
         AND (m.zone_id = 0 OR m.zone_id IN (
           SELECT z.zone_id FROM ${tableName(shop, 'woocommerce_shipping_zones')} z))
       ORDER BY m.instance_id LIMIT ?`,
      [Number(after ?? 0), limit],
    )
    return rows.map(([id]) => ({ id: id ?? '', modifiedAt: null }))
  },

  async read(shop, ids) {
    const methods = idCondition('instance_id', ids)
    const rows = wantedRows(
      await shop.database.query(
        `SELECT instance_id, zone_id, method_id, method_order, is_enabled
         FROM ${tableName(shop, 'woocommerce_shipping_zone_methods')} WHERE ${methods.sql}`,
        methods.values,
      ),
      ids,
    )
    if (rows.size === 0) return []
    const stored = await readOptions(shop, [...rows.values()].map(optionName))
    const classes = await shop.database.query(
      `SELECT term_id FROM ${tableName(shop, 'term_taxonomy')} WHERE taxonomy = 'product_shipping_class'`,
    )
    const known = { classes: classes.map(([id]) => id ?? ''), english: await isEnglish(shop) }
    return [...rows.values()].map((row) => method(row, optionFields(stored.get(optionName(row))), known))
  },
}

function optionName([instance, , method]: Cell[]): string {
  return `woocommerce_${method}_${instance}_settings`
}

interface Known {
  classes: readonly string[]
  english: boolean
}

function method(
  [instance, zone, methodId, order, enabled]: Cell[],
  stored: Record<string, unknown> | null,
  known: Known,
): Fields {
  const values = stored ?? defaults(methodId ?? '', known)
  return {
    id: Number(instance),
    instance_id: Number(instance),
    zone_id: Number(zone),
    ...('title' in values && { title: values.title }),
    order: Number(order),
    enabled: enabled === '1',
    method_id: methodId,
    settings: shownSettings(methodId ?? '', values, known),
  }
}

/** What a method has before it is saved for the first time; the title is in the shop's language. */
function defaults(method: string, { classes, english }: Known): Record<string, unknown> {
  const own = ownMethods[method]
  if (own === undefined) return {}
  const perClass = classes.map((id) => [`class_cost_${id}`, ''])
  return {
    ...(english && { title: own.title }),
    ...own.defaults,
    ...(own.perClass &&
      classes.length > 0 && { ...Object.fromEntries(perClass), no_class_cost: '', type: 'class' }),
  }
}

/** The settings that the method's form has now: what an older form stored stays in the database unseen. */
function shownSettings(method: string, values: Record<string, unknown>, { classes }: Known): Fields {
  const own = ownMethods[method]
  const perClass =
    own?.perClass && classes.length > 0
      ? [...classes.map((id) => `class_cost_${id}`), 'no_class_cost', 'type']
      : []
  const fields = [...Object.keys(own?.defaults ?? {}), ...perClass]
  return Object.fromEntries(
    fields.filter((name) => values[name] != null).map((name) => [name, { value: values[name] }]),
  )
}
