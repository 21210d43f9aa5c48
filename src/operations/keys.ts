/** Keys for programs: made, listed, revoked. Nobody can give more than they have. */
import { z } from 'zod'
import { type Access, accessLevels } from '../access/caller.ts'
import { createKey, findKey, type KeyRecord, listKeys, revokeKey } from '../access/keys.ts'
import { WooSyncError } from '../errors.ts'
import { defineOperation } from './define.ts'
import { storesFor, storesInput, within } from './rights.ts'

const scopes = [...accessLevels, 'personal'] as const

const moment = (meaning: string) => z.iso.datetime().nullable().describe(`${meaning} (UTC).`)

const keySchema = z.object({
  id: z.int().describe('Its number, to revoke it with.'),
  name: z.string().describe('What it was made for.'),
  beginning: z.string().describe('How the key begins, to tell it from others.'),
  scope: z.array(z.enum(scopes).describe('A right.')).describe('What it may do.'),
  stores: z
    .array(z.int().describe('Id of a store.'))
    .nullable()
    .describe('Stores it may ask about; null: all.'),
  state: z.enum(['active', 'expired', 'revoked']).describe('Whether it works.'),
  createdAt: z.iso.datetime().describe('When it was made (UTC).'),
  createdBy: z.string().describe('Who made it: local is the command line.'),
  lastUsedAt: moment('When it was last used, to the minute; null: never'),
  expiresAt: moment('Until when it works; null: for ever'),
  revokedAt: moment('When it was revoked'),
})

const create = defineOperation({
  name: 'keys.create',
  summary: 'Makes a key for a program. It is shown this once.',
  access: 'admin',
  http: 'POST /keys',
  effect: 'adds',
  input: z.strictObject({
    scope: z
      .array(z.enum(scopes).describe('A right.'))
      .min(1)
      .max(2)
      .describe(
        'What it may do: one of read, operate, admin (each holds the one before), and personal when it may see names, addresses and e-mails.',
      ),
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .default('unnamed')
      .describe('What it is for, such as the program’s name.'),
    stores: storesInput,
    expires: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('Until when it works, such as 2030-01-31T00:00:00Z; for ever when left out.'),
  }),
  output: z.object({
    key: z.string().describe('The key. It is kept nowhere and cannot be shown again.'),
    record: keySchema.describe('What is kept of it.'),
  }),
  async run({ app, caller }, input) {
    const { access, personal } = rightsOf(input.scope)
    if (personal && !caller.personal) throw new WooSyncError('key_exceeds_own', { right: 'personal' })
    const stores = await storesFor({ app, caller }, input.stores)
    const expiresAt = input.expires === undefined ? null : new Date(input.expires)
    if (expiresAt && expiresAt.getTime() <= Date.now()) {
      throw new WooSyncError('input_invalid', { field: 'expires', problem: 'it is over already' })
    }
    const { key, record } = await createKey(app.database.pool, {
      name: input.name,
      access,
      personal,
      stores,
      expiresAt,
      createdBy: caller.name,
    })
    app.logger.info({ keyId: record.id, by: caller.name, access, personal }, 'key made')
    return { key, record: shown(record) }
  },
})

const list = defineOperation({
  name: 'keys.list',
  summary: 'The keys that were made, newest first, without the keys themselves.',
  access: 'admin',
  http: 'GET /keys',
  effect: 'none',
  input: z.strictObject({}),
  output: z.object({ keys: z.array(keySchema).describe('Those that no longer work included.') }),
  async run({ app, caller }) {
    const keys = await listKeys(app.database.pool)
    return { keys: keys.filter((key) => within(caller, key.stores)).map(shown) }
  },
})

const revoke = defineOperation({
  name: 'keys.revoke',
  summary: 'Makes a key useless: here at once, in other processes within a second.',
  access: 'admin',
  http: 'DELETE /keys/{id}',
  effect: 'destructive',
  positional: ['id'],
  input: z.strictObject({
    id: z.int().positive().max(2_147_483_647).describe('The key’s number, as keys list shows it.'),
  }),
  output: z.object({ record: keySchema.describe('The key as it is now.') }),
  async run({ app, caller }, { id }) {
    const { pool } = app.database
    const found = await findKey(pool, id)
    const revoked = found && within(caller, found.stores) ? await revokeKey(pool, id) : null
    if (!revoked) throw new WooSyncError('not_found', { what: `key ${id}` })
    app.logger.info({ keyId: id, by: caller.name }, 'key revoked')
    return { record: shown(revoked) }
  },
})

export const keys = { create, list, revoke }

/** @throws input_invalid unless there is exactly one of the levels, and at most once personal */
function rightsOf(scope: readonly (typeof scopes)[number][]): { access: Access; personal: boolean } {
  const [access, another] = accessLevels.filter((level) => scope.includes(level))
  if (access === undefined || another !== undefined || new Set(scope).size !== scope.length) {
    throw new WooSyncError('input_invalid', {
      field: 'scope',
      problem: 'it takes one of read, operate, admin, and personal beside it',
    })
  }
  return { access, personal: scope.includes('personal') }
}

function shown(record: KeyRecord): z.input<typeof keySchema> {
  const { id, name, beginning, access, personal, stores, createdBy, revokedAt, expiresAt } = record
  const iso = (at: Date | null) => at?.toISOString() ?? null
  const over = expiresAt !== null && expiresAt.getTime() <= Date.now()
  return {
    id,
    name,
    beginning,
    scope: personal ? [access, 'personal'] : [access],
    stores,
    state: revokedAt ? 'revoked' : over ? 'expired' : 'active',
    createdAt: record.createdAt.toISOString(),
    createdBy,
    lastUsedAt: iso(record.lastUsedAt),
    expiresAt: iso(expiresAt),
    revokedAt: iso(revokedAt),
  }
}
