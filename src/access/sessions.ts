/** Sessions of people, by better-auth: passwords, cookies, and who a cookie stands for. */
import { createHash, randomBytes } from 'node:crypto'
import type { Auth } from 'better-auth'
import type pg from 'pg'
import type { Caller } from './caller.ts'
import { SESSION_COOKIE } from './cookie.ts'
import { accessOfRole, isRole } from './roles.ts'

export interface Sessions {
  /** Answers what better-auth answers: sign in, sign out, change the password. */
  handle(request: Request): Promise<Response>
  /** Who a Cookie header stands for, remembered for a second; null: nobody. */
  find(cookie: string): Promise<Caller | null>
  /** What was remembered is asked anew: somebody signed out. */
  forget(): void
}

export interface SessionsOptions {
  pool: pg.Pool
  /** `https://sync.example`, where people reach the server from outside; over https, cookies go back over it alone. */
  publicOrigin: string | undefined
}

export const SHORTEST_PASSWORD = 10
export const LONGEST_PASSWORD = 200

const DAY_SECONDS = 86_400
const KEPT_MS = 1000
const KEPT_SESSIONS = 1000

/** Nothing is opened before somebody signs in, or comes with a cookie of ours. */
export function createSessions({ pool, publicOrigin }: SessionsOptions): Sessions {
  let opening: Promise<Pick<Auth, 'handler' | 'api'>> | undefined
  let remembered = new Map<string, { until: number; caller: Promise<Caller | null> }>()

  function auth() {
    opening ??= openAuth(pool, publicOrigin).catch((thrown) => {
      opening = undefined
      throw thrown
    })
    return opening
  }

  async function lookUp(cookie: string): Promise<Caller | null> {
    const { api } = await auth()
    const found = await api.getSession({ headers: new Headers({ cookie }) })
    return found && callerOf(pool, found.user.id)
  }

  return {
    handle: async (request) => (await auth()).handler(request),
    find(cookie) {
      if (!cookie.includes(SESSION_COOKIE)) return Promise.resolve(null)
      const name = createHash('sha256').update(cookie).digest('base64')
      const before = remembered.get(name)
      if (before && performance.now() < before.until) return before.caller
      const caller = lookUp(cookie)
      if (remembered.size >= KEPT_SESSIONS) remembered.clear()
      const now = { until: performance.now() + KEPT_MS, caller }
      remembered.set(name, now)
      caller.catch(() => remembered.delete(name))
      return caller
    },
    forget: () => {
      remembered = new Map()
    },
  }
}

async function callerOf(pool: pg.Pool, id: string): Promise<Caller | null> {
  const { rows } = await pool.query<{ role: string | null; personal: boolean; stores: number[] | null }>(
    `SELECT role, personal, stores FROM auth."user" WHERE id = $1 AND coalesce(banned, false) = false`,
    [id],
  )
  const [user] = rows
  if (!user || !isRole(user.role)) return null
  return {
    name: `user ${id.slice(0, 8)}`,
    access: accessOfRole[user.role],
    personal: user.personal,
    stores: user.stores,
  }
}

async function openAuth(pool: pg.Pool, publicOrigin: string | undefined) {
  const [{ betterAuth }, { admin }, secret] = await Promise.all([
    import('better-auth'),
    import('better-auth/plugins'),
    sessionSecret(pool),
  ])
  const secure = publicOrigin?.startsWith('https:') === true
  return betterAuth({
    ...(publicOrigin !== undefined && { baseURL: publicOrigin }),
    // Who sends a request is checked before it comes here.
    trustedOrigins: (request) => (request ? [new URL(request.url).origin] : []),
    secret,
    database: pool,
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: SHORTEST_PASSWORD,
      maxPasswordLength: LONGEST_PASSWORD,
      revokeSessionsOnPasswordReset: true,
    },
    user: { modelName: 'auth.user' },
    session: { modelName: 'auth.session', expiresIn: 7 * DAY_SECONDS, updateAge: DAY_SECONDS },
    account: { modelName: 'auth.account' },
    verification: { modelName: 'auth.verification' },
    plugins: [admin({ defaultRole: 'viewer', adminRoles: [] })],
    advanced: {
      cookiePrefix: 'woosync',
      useSecureCookies: secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { disableIpTracking: true },
    },
    // Ours counts wrong passwords by person too.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
}

/** The same for every process that works with this database. */
async function sessionSecret(pool: pg.Pool): Promise<string> {
  await pool.query(
    `INSERT INTO access.secrets (name, value) VALUES ('session', $1) ON CONFLICT (name) DO NOTHING`,
    [randomBytes(32).toString('base64url')],
  )
  const { rows } = await pool.query<{ value: string }>(
    `SELECT value FROM access.secrets WHERE name = 'session'`,
  )
  return rows[0]?.value ?? ''
}
