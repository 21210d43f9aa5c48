/** People who may sign in: made, listed, shut out. Nobody can give more than they have. */
import { z } from 'zod'
import { roles } from '../access/roles.ts'
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../access/sessions.ts'
import {
  createUser,
  disableUser,
  findUser,
  listUsers,
  newPassword,
  resetUser,
  type User,
} from '../access/users.ts'
import { WooSyncError } from '../errors.ts'
import { personal } from '../questions/personal.ts'
import { defineOperation } from './define.ts'
import { storesFor, storesInput, within } from './rights.ts'

const userSchema = z.object({
  id: z.string().describe('Its id, to disable it with.'),
  email: personal(z.string().describe('The e-mail to sign in with.')),
  name: personal(z.string().describe('The person’s name.')),
  role: z
    .enum(roles)
    .describe('viewer: asks. operator: makes the program work. admin: makes keys and users.'),
  personal: z.boolean().describe('May see names, addresses and e-mails of customers.'),
  stores: z
    .array(z.int().describe('Id of a store.'))
    .nullable()
    .describe('Stores the person may ask about; null: all.'),
  state: z.enum(['active', 'disabled']).describe('Whether the person may sign in.'),
  createdAt: z.iso.datetime().describe('When it was made (UTC).'),
})

const passwordInput = z
  .string()
  .min(SHORTEST_PASSWORD)
  .max(LONGEST_PASSWORD)
  .optional()
  .describe('The password. When left out, one is made and shown this once.')

const madePassword = z
  .string()
  .nullable()
  .describe('The password that was made, shown this once; null: it was given.')

const userId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'it is no id of a user')
  .describe('The user’s id, as users list shows it.')

const create = defineOperation({
  name: 'users.create',
  summary: 'Makes a user who can sign in with e-mail and password.',
  access: 'admin',
  http: 'POST /users',
  effect: 'adds',
  positional: ['email'],
  input: z.strictObject({
    email: z.email().max(200).describe('The e-mail to sign in with.'),
    name: z.string().trim().max(100).default('').describe('The person’s name.'),
    role: z
      .enum(roles)
      .default('viewer')
      .describe('viewer: asks. operator: makes the program work. admin: makes keys and users.'),
    withoutPersonal: z
      .boolean()
      .default(false)
      .describe('The person sees no names, addresses and e-mails of customers.'),
    stores: storesInput,
    password: passwordInput,
  }),
  output: z.object({
    user: userSchema.describe('The user.'),
    password: madePassword,
  }),
  async run({ app, caller }, input) {
    const seesPersonal = !input.withoutPersonal
    if (seesPersonal && !caller.personal) throw new WooSyncError('key_exceeds_own', { right: 'personal' })
    const made = input.password === undefined ? newPassword() : null
    const user = await createUser(app.database, {
      email: input.email,
      name: input.name,
      role: input.role,
      personal: seesPersonal,
      stores: await storesFor({ app, caller }, input.stores),
      password: made ?? (input.password as string),
    })
    app.logger.info({ user: user.id, by: caller.name, role: user.role }, 'user made')
    return { user: shown(user), password: made }
  },
})

const list = defineOperation({
  name: 'users.list',
  summary: 'The users who can sign in, newest first.',
  access: 'admin',
  http: 'GET /users',
  effect: 'none',
  input: z.strictObject({}),
  output: z.object({ users: z.array(userSchema).describe('Those that are disabled included.') }),
  async run({ app, caller }) {
    const users = await listUsers(app.database.pool)
    return { users: users.filter(({ stores }) => within(caller, stores)).map(shown) }
  },
})

const disable = defineOperation({
  name: 'users.disable',
  summary: 'Shuts a user out: no new sign-in, and every session ends.',
  access: 'admin',
  http: 'POST /users/{id}/disable',
  effect: 'destructive',
  positional: ['id'],
  input: z.strictObject({
    id: userId,
  }),
  output: z.object({ user: userSchema.describe('The user as it is now.') }),
  async run({ app, caller }, { id }) {
    const found = await findUser(app.database.pool, id)
    const user = found && within(caller, found.stores) ? await disableUser(app.database, id) : null
    if (!user) throw new WooSyncError('not_found', { what: `user ${id}` })
    app.logger.info({ user: id, by: caller.name }, 'user disabled')
    return { user: shown(user) }
  },
})

const reset = defineOperation({
  name: 'users.reset',
  summary: 'Gives a user a new password, ends every session, and lets in again who was disabled.',
  access: 'admin',
  http: 'POST /users/{id}/reset',
  effect: 'destructive',
  positional: ['id'],
  input: z.strictObject({ id: userId, password: passwordInput }),
  output: z.object({ user: userSchema.describe('The user as it is now.'), password: madePassword }),
  async run({ app, caller }, { id, password }) {
    const found = await findUser(app.database.pool, id)
    const mayGive = found && within(caller, found.stores)
    // With a new password one could sign in as somebody who sees more.
    if (mayGive && found.personal && !caller.personal) {
      throw new WooSyncError('key_exceeds_own', { right: 'personal' })
    }
    const made = password === undefined ? newPassword() : null
    const user = mayGive ? await resetUser(app.database, id, made ?? (password as string)) : null
    if (!user) throw new WooSyncError('not_found', { what: `user ${id}` })
    app.logger.info({ user: id, by: caller.name }, 'user has a new password')
    return { user: shown(user), password: made }
  },
})

export const users = { create, list, disable, reset }

function shown(user: User): z.input<typeof userSchema> {
  const { disabled, createdAt, ...rest } = user
  return { ...rest, state: disabled ? 'disabled' : 'active', createdAt: createdAt.toISOString() }
}
