/**
 * Lists that are compared whole: those that honour no date filter and are small, and those that one answer
 * holds. Reading one proves its resource in every strength at once, and shows what is gone.
 */

import { WooSyncError } from '../errors.ts'
import { settleAlert } from '../mirror/alerts.ts'
import { dropQuarantinedBefore } from '../mirror/marks.ts'
import { idsBetween, type MirrorList } from '../mirror/positions.ts'
import { saveProof } from '../mirror/proofs.ts'
import { mirrorTables } from '../mirror/tables/index.ts'
import { type Capabilities, listCapabilityOf } from '../store/capabilities.ts'
import { type Resource, type ResourceName, settingGroups } from '../store/resources.ts'
import { idOf, walkById } from '../store/rest/list.ts'
import { onDatabaseClock } from './context.ts'
import { confirmGone } from './gone.ts'
import { ahead, writePage } from './pages.ts'
import { assertOwner, type Run } from './run.ts'

/** A page of a whole list, with the parent whose list it was. */
interface WholePage {
  rows: unknown[]
  sentAt: number
  parent?: string
}

/** Above this, a list without date filters is not read whole at each look, but counted and scrubbed. */
export const WHOLE_AT_MOST = 2000

/** Lists that can only be read whole: those that are not paged, and those the shop has only per parent. */
function isListedWhole(resource: Resource, capabilities: Capabilities): boolean {
  return resource.list !== 'pages' || !listCapabilityOf(capabilities, resource.name).available
}

/** Lists of their own in newer shops, which this one has only for each parent. */
export function readsPerParent(run: Run): boolean {
  return run.resource.list === 'pages' && readsWhole(run)
}

export function readsWhole(run: Run): boolean {
  return isListedWhole(run.resource, run.context.store.capabilities)
}

/**
 * Reads the whole list, applies it, and marks what it no longer shows.
 * @throws sync_mass_vanish when too much is gone at once; what asking throws
 */
export async function compareWhole(run: Run): Promise<void> {
  const { context, resource } = run
  const { listed, startedAt } = await readLists(run, 'every parent')
  const held = await idsBetween(context.database.pool, mirrorList(run), null, null)
  const absent = held.filter((id) => !listed.has(id))
  const gone = new Set((await confirmGone(run, absent, startedAt)).gone)
  const known = new Set(held)
  await context.database.transaction(async (client) => {
    await assertOwner(client, run)
    // What was not shown again is no longer in the shop.
    await dropQuarantinedBefore(client, context.store.id, resource.name, startedAt)
    await settleAlert(client, context.store.id, 'sync_mass_vanish', resource.name)
    const proof = {
      storeId: context.store.id,
      resource: resource.name,
      requests: run.requests,
      inStore: listed.size,
      inMirror: held.length - gone.size,
      missing: [...listed].filter((id) => !known.has(id)).length,
      surplus: absent.filter((id) => !gone.has(id)).length,
    }
    await saveProof(client, { ...proof, strength: 'counted' })
    await saveProof(client, { ...proof, strength: 'listed' })
    await saveProof(client, { ...proof, strength: 'read', share: 1 })
    await client.query(
      `UPDATE sync.resources SET followed_at = now(), counted_at = now(), listed_at = now(),
         scrubbed_at = now(), scrub_finished_at = now(), deletions_accepted = false
       WHERE store_id = $1 AND resource = $2 AND owner = $3`,
      [context.store.id, resource.name, run.id],
    )
  })
}

interface Listed {
  /** Ids that the lists show. */
  listed: Set<string>
  /** Epoch milliseconds on the database's clock, before the first question. */
  startedAt: number
}

/** Reads and applies the whole list or, where the shop has it only per parent, those of the parents. */
export async function readLists(run: Run, of: 'every parent' | readonly string[]): Promise<Listed> {
  const { context, resource } = run
  const startedAt = onDatabaseClock(context, Date.now())
  const listed = new Set<string>()
  for await (const page of ahead(wholePages(run, of))) {
    for (const row of page.rows) listed.add(listedId(run, row, page.parent))
    await writePage(run, {
      rows: page.rows,
      sentAt: page.sentAt,
      source: 'answer',
      ...(page.parent !== undefined && { parent: page.parent }),
    })
    context.onProgress({ resource: resource.name, kind: run.kind, done: listed.size, total: null })
  }
  return { listed, startedAt }
}

export function mirrorList(run: Run): MirrorList {
  return {
    storeId: run.context.store.id,
    resource: run.resource.name,
    statuses: run.resource.statuses ? run.source().capability.statuses : null,
  }
}

/** A setting's id is unique only within its group; a tax class has a slug for an id. */
function listedId(run: Run, row: unknown, parent: string | undefined): string {
  if (run.resource.name === 'settings') return `${parent}/${idOf(row)}`
  if (run.resource.name === 'tax_classes') return String((row as { slug?: unknown } | null)?.slug)
  return idOf(row)
}

async function* wholePages(run: Run, of: 'every parent' | readonly string[]): AsyncGenerator<WholePage> {
  const { resource, client, signal } = run
  const available = run.source().capability.available
  if (resource.list === 'pages' && available) {
    for await (const page of walkById(run.source(), { offset: 0, lastId: null })) {
      yield { rows: page.rows, sentAt: page.answer.sentAt }
    }
    return
  }
  if (resource.list === 'whole') {
    const answer = await client.get(resource.path, { context: 'edit' }, { signal })
    yield { rows: Array.isArray(answer.data) ? answer.data : [], sentAt: answer.sentAt }
    return
  }
  for (const parent of of === 'every parent' ? await parents(run) : of) {
    try {
      yield* parentPages(run, parent)
    } catch (thrown) {
      // A parent that went away meanwhile takes its list with it.
      const went = thrown instanceof WooSyncError && thrown.code === 'store_record_not_found'
      if (!went) throw thrown
    }
  }
}

async function* parentPages(run: Run, parent: string): AsyncGenerator<WholePage> {
  const path = run.resource.parent?.path(parent) ?? run.resource.path
  if (run.resource.list === 'per_parent' && run.resource.name !== 'attribute_terms') {
    const answer = await run.client.get(path, { context: 'edit' }, { signal: run.signal })
    yield { rows: Array.isArray(answer.data) ? answer.data : [], sentAt: answer.sentAt, parent }
    return
  }
  for await (const page of walkById(run.source(path), { offset: 0, lastId: null })) {
    yield { rows: page.rows, sentAt: page.answer.sentAt, parent }
  }
}

/** The parents whose lists are read. */
async function parents(run: Run): Promise<string[]> {
  const parent = run.resource.parent?.resource
  if (parent === undefined || parent === 'setting_groups') return [...settingGroups]
  const { rows } = await run.context.database.pool.query<{ id: string }>(
    `SELECT t.id::text FROM mirror.${mirrorTables[parent].table} t
     WHERE store_id = $1 AND deleted_at IS NULL AND ${mayHaveChildren(parent)}
     ORDER BY t.id`,
    [run.context.store.id],
  )
  return rows.map((row) => row.id)
}

/** A condition on parents, in SQL: of the many products and orders of older shops, those with children (8, 9). */
export function mayHaveChildren(parent: ResourceName): string {
  if (parent === 'products') return `type LIKE '%variable%'`
  return parent === 'orders' ? `record->'refunds' <> '[]'` : 'true'
}
