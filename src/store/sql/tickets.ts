/** Tickets of FooEvents (45): posts with their meta, the labels of their product's questions, check-ins by day. */
import type { Fields } from '../canonical.ts'
import type { Cell } from './database.ts'
import { metaValue } from './php.ts'
import { postList } from './post-list.ts'
import type { SqlReader, SqlShop } from './reader.ts'
import { dateText, gmtCellMoment, groupRows, idCondition, wantedRows } from './rows.ts'
import { tableFault } from './server-fault.ts'
import { tableName } from './tables.ts'

const TYPE = 'event_magic_tickets'
const STATUSES = ['publish', 'draft', 'pending', 'private', 'future', 'trash']
const META = 'WooCommerceEvents'
const QUESTION = 'fooevents_custom_'
const QUESTIONS_OF_PRODUCT = 'fooevents_custom_attendee_fields_options_serialized'

/** All that is asked for: the hash of a ticket opens it, and its price is HTML. */
const ASKED = [
  'TicketID',
  'Status',
  'ProductID',
  'VariationID',
  'OrderID',
  'CustomerID',
  'TicketType',
  'Variations',
  'ProductName',
  'AttendeeName',
  'AttendeeLastName',
  'AttendeeEmail',
  'AttendeeTelephone',
  'AttendeeCompany',
  'AttendeeDesignation',
  'PurchaserFirstName',
  'PurchaserLastName',
  'PurchaserEmail',
  'PurchaserPhone',
].map((name) => `${META}${name}`)

const posts = postList(TYPE, STATUSES)

export const ticketReader: SqlReader = {
  // A check-in moves no date of the post, so that no keyset on it finds them: each look compares every ticket's.
  async list(shop, after, limit) {
    const listed = await posts.list(shop, after, limit)
    const checkIns = await checkInsOf(
      shop,
      listed.map(({ id }) => id),
    )
    return listed.map(({ id, modifiedAt }) => ({
      id,
      modifiedAt: latest(modifiedAt, checkIns.get(id) ?? []),
    }))
  },

  async read(shop, ids) {
    const wanted = idCondition('ID', ids)
    const found = wantedRows(
      await shop.database.query(
        `SELECT ID, post_status, post_date_gmt, post_modified_gmt
         FROM ${tableName(shop, 'posts')} WHERE ${wanted.sql} AND post_type = ?`,
        [...wanted.values, TYPE],
      ),
      ids,
    )
    if (found.size === 0) return []
    const metas = idCondition('post_id', [...found.keys()])
    const metaRows = groupRows(
      await shop.database.query(
        `SELECT post_id, meta_key, meta_value FROM ${tableName(shop, 'postmeta')}
         WHERE ${metas.sql} AND (meta_key IN ? OR meta_key LIKE 'fooevents\\_custom\\_%')
         ORDER BY post_id, meta_id`,
        [...metas.values, ASKED],
      ),
      ids,
    )
    const products = new Set<string>()
    for (const rows of metaRows.values())
      for (const [, key, value] of rows) if (key === `${META}ProductID` && value) products.add(value)
    const labels = await questionLabels(shop, [...products])
    const checkIns = await checkInsOf(shop, [...found.keys()])
    return [...found].map(([id, row]) => ticket(row, metaRows.get(id) ?? [], labels, checkIns.get(id) ?? []))
  },
}

/** Labels by question's key, in the order of the product's form. */
type Labels = ReadonlyMap<string, string | null>

function ticket(
  [id, postStatus, created, modified]: Cell[],
  metaRows: readonly Cell[][],
  labels: ReadonlyMap<string, Labels>,
  checkIns: readonly Cell[][],
): Fields {
  const first = new Map<string, string>()
  for (const [, key, value] of metaRows) if (key != null && !first.has(key)) first.set(key, value ?? '')
  const meta = (name: string) => first.get(`${META}${name}`) ?? ''
  return {
    id: Number(id),
    ticket_id: meta('TicketID'),
    status: meta('Status'),
    post_status: postStatus,
    ticket_type: meta('TicketType'),
    product_id: reference(meta('ProductID')),
    product_name: meta('ProductName'),
    variation_id: reference(meta('VariationID')),
    variation: metaValue(meta('Variations')),
    order_id: reference(meta('OrderID')),
    customer_id: reference(meta('CustomerID')),
    attendee: {
      first_name: meta('AttendeeName'),
      last_name: meta('AttendeeLastName'),
      email: meta('AttendeeEmail'),
      telephone: meta('AttendeeTelephone'),
      company: meta('AttendeeCompany'),
      designation: meta('AttendeeDesignation'),
    },
    purchaser: {
      first_name: meta('PurchaserFirstName'),
      last_name: meta('PurchaserLastName'),
      email: meta('PurchaserEmail'),
      telephone: meta('PurchaserPhone'),
    },
    questions: questions(first, labels.get(meta('ProductID')) ?? new Map()),
    check_ins: checkIns.map(([, checkInId, day, status, checkin]) => ({
      id: Number(checkInId),
      day: Number(day),
      status,
      checkin: Number(checkin),
    })),
    date_created_gmt: dateText(created),
    date_modified_gmt: gmtText(latest(gmtCellMoment(modified), checkIns)),
  }
}

/** The post's date of change or the last check-in, whichever is later; epoch milliseconds. */
function latest(modified: number | null, checkIns: readonly Cell[][]): number | null {
  return checkIns.reduce((at, [, , , , checkin]) => {
    const moment = Number(checkin) * 1000
    return moment > (at ?? 0) && moment < LAST_MOMENT ? moment : at
  }, modified)
}

/** No check-in is later than this: the year 9999. */
const LAST_MOMENT = 253_402_300_800_000

function gmtText(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString().slice(0, 19)
}

/** In the order of the product's form; what the form no longer asks comes after it, by key. */
function questions(metas: ReadonlyMap<string, string>, labels: Labels): Fields[] {
  const answers = new Map<string, string>()
  for (const [key, value] of metas) {
    if (key.startsWith(QUESTION)) answers.set(key.slice(QUESTION.length), value)
  }
  const asked = [...labels.keys()].filter((key) => answers.has(key))
  const others = [...answers.keys()].filter((key) => !labels.has(key)).sort()
  return [...asked, ...others].map((key) => ({
    key,
    label: labels.get(key) ?? null,
    value: answers.get(key),
  }))
}

async function questionLabels(shop: SqlShop, products: readonly string[]): Promise<Map<string, Labels>> {
  const wanted = idCondition('post_id', products)
  const rows = await shop.database.query(
    `SELECT post_id, meta_value FROM ${tableName(shop, 'postmeta')} WHERE ${wanted.sql} AND meta_key = ?`,
    [...wanted.values, QUESTIONS_OF_PRODUCT],
  )
  return new Map([...wantedRows(rows, products)].map(([id, row]) => [id, labelsIn(row[1] ?? null)]))
}

/** `{"a1f0": {"a1f0_label": "Size", …}}`; what is no JSON has no labels. */
function labelsIn(text: string | null): Labels {
  const labels = new Map<string, string | null>()
  for (const [key, form] of Object.entries(parsed(text))) {
    const label = form !== null && typeof form === 'object' ? (form as Fields)[`${key}_label`] : null
    labels.set(key, typeof label === 'string' ? label : null)
  }
  return labels
}

function parsed(text: string | null): Fields {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return value !== null && typeof value === 'object' ? (value as Fields) : {}
  } catch {
    return {}
  }
}

/** The plugin's own table has no index on the ticket: it is read once for a whole stretch of tickets. */
async function checkInsOf(shop: SqlShop, ids: readonly string[]): Promise<Map<string, Cell[][]>> {
  const tickets = idCondition('tid', ids)
  try {
    const rows = await shop.database.query(
      `SELECT tid, id, day, status, checkin FROM ${tableName(shop, 'fooevents_check_in')}
       WHERE ${tickets.sql} ORDER BY tid, id`,
      tickets.values,
    )
    return groupRows(rows, ids)
  } catch (thrown) {
    // Only FooEvents for events over several days makes it.
    if (tableFault(thrown) !== 'absent') throw thrown
    return new Map()
  }
}

function reference(text: string): number {
  const id = Number(text)
  return Number.isSafeInteger(id) && id > 0 ? id : 0
}
