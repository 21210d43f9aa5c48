/** What was proved about a resource: kept once for each strength, the latest. */
import type pg from 'pg'
import type { ResourceName } from '../store/resources.ts'

/** counted: total and last id agree. listed: every id was compared. read: every content, or a share of it. */
export type Strength = 'counted' | 'listed' | 'read'

export interface Proof {
  storeId: number
  resource: ResourceName
  strength: Strength
  /** What it cost the shop. */
  requests: number
  inStore: number
  inMirror: number
  missing: number
  surplus: number
  /** Of a round of reading, 0 to 1. */
  share?: number
}

export async function saveProof(client: pg.Pool | pg.ClientBase, proof: Proof): Promise<void> {
  await client.query(
    `INSERT INTO sync.proofs (store_id, resource, strength, requests, in_store, in_mirror, missing, surplus, share)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (store_id, resource, strength) DO UPDATE
     SET at = now(), requests = excluded.requests, in_store = excluded.in_store, in_mirror = excluded.in_mirror,
         missing = excluded.missing, surplus = excluded.surplus, share = excluded.share`,
    [
      proof.storeId,
      proof.resource,
      proof.strength,
      proof.requests,
      proof.inStore,
      proof.inMirror,
      proof.missing,
      proof.surplus,
      proof.share ?? null,
    ],
  )
}
