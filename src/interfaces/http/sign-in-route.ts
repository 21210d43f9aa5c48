/** Sessions of people: /sign-in and /sign-out as plain forms, /api/auth/… for programs in a browser. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type pg from 'pg'
import type { Sessions } from '../../access/sessions.ts'
import { WooSyncError } from '../../errors.ts'
import { refuseOtherSites } from './authenticate.ts'
import { bodyFault, faultOf } from './problem.ts'
import { parseBody } from './request-input.ts'
import { createSharedAttempts } from './shared-attempts.ts'
import { SIGN_IN_POLICY, signedInPage, signInPage } from './sign-in-page.ts'

const LARGEST_BODY_BYTES = 16 * 1024
const QUARTER_HOUR_MS = 900_000
/**
 * Wrong passwords in a quarter of an hour. For one e-mail from one address; for one address, behind which many may
 * sit; for one e-mail from everywhere, so many that a stranger does not easily lock somebody out.
 */
const MOST_HERE = 10
const MOST_FOR_ADDRESS = 50
const MOST_FOR_EMAIL = 100

interface Credentials {
  email: string
  password: string
}

export interface SignInOptions {
  sessions: Sessions
  /** Where wrong passwords are counted. */
  pool: pg.Pool
  publicOrigin: string | undefined
}

export function signInRoutes(server: FastifyInstance, { sessions, pool, publicOrigin }: SignInOptions): void {
  const attempts = (what: string, most: number) =>
    createSharedAttempts({ pool, what, most, withinMs: QUARTER_HOUR_MS })
  const here = attempts('password', MOST_HERE)
  const byAddress = attempts('password from address', MOST_FOR_ADDRESS)
  const byEmail = attempts('password for e-mail', MOST_FOR_EMAIL)

  /** @throws sign_in_refused, too_many_attempts */
  async function signIn(request: FastifyRequest, reply: FastifyReply, given: Credentials): Promise<Response> {
    const email = given.email.trim().toLowerCase()
    const who = `${email} ${request.ip}`
    await here.count(who)
    await byAddress.count(request.ip)
    await byEmail.count(email)
    const answer = await forward(request, 'sign-in/email', { email, password: given.password })
    if (answer.status >= 500) throw new WooSyncError('internal', { cause: 'signing in failed' })
    if (!answer.ok) throw new WooSyncError('sign_in_refused')
    await here.forget(who)
    await byAddress.takeBack(request.ip)
    await byEmail.takeBack(email)
    takeCookies(reply, answer)
    return answer
  }

  function forward(request: FastifyRequest, path: string, body?: object): Promise<Response> {
    const origin = publicOrigin ?? `${request.protocol}://${request.host}`
    const headers = new Headers({ origin })
    if (request.headers.cookie !== undefined) headers.set('cookie', request.headers.cookie)
    if (body !== undefined) headers.set('content-type', 'application/json')
    return sessions.handle(
      new Request(`${origin}/api/auth/${path}`, {
        method: request.method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
  }

  server.register(async (scope) => {
    scope.addContentTypeParser<string>(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: LARGEST_BODY_BYTES },
      async (_request: FastifyRequest, text: string) => Object.fromEntries(new URLSearchParams(text)),
    )
    scope.setErrorHandler((thrown) => {
      throw bodyFault(thrown) ?? thrown
    })
    scope.addHook('preHandler', async (request) => refuseOtherSites(request))

    scope.get<{ Querystring: { next?: string } }>('/sign-in', async (request, reply) => {
      const caller = await sessions.find(request.headers.cookie ?? '')
      return sendPage(reply, caller ? signedInPage() : signInPage(localPath(request.query.next), null))
    })
    scope.post('/sign-in', async (request, reply) => {
      const { next, ...given } = (request.body ?? {}) as Record<string, unknown>
      try {
        await signIn(request, reply, credentialsOf(given))
        return reply.redirect(localPath(next), 303)
      } catch (thrown) {
        const fault = faultOf(thrown)
        if (fault.status >= 500) throw fault
        return sendPage(reply.code(fault.status), signInPage(localPath(next), fault.message))
      }
    })
    scope.post('/sign-out', async (request, reply) => {
      takeCookies(reply, await forward(request, 'sign-out', {}))
      sessions.forget()
      return reply.redirect('/sign-in', 303)
    })
  })

  server.register(
    async (scope) => {
      scope.addContentTypeParser<string>(
        'application/json',
        { parseAs: 'string', bodyLimit: LARGEST_BODY_BYTES },
        async (_request: FastifyRequest, text: string) => parseBody(text),
      )
      scope.setErrorHandler((thrown) => {
        throw bodyFault(thrown) ?? thrown
      })
      scope.addHook('preHandler', async (request) => refuseOtherSites(request))
      scope.post('/sign-in/email', async (request, reply) => {
        const answer = await signIn(request, reply, credentialsOf(request.body))
        const { user } = (await answer.json()) as { user: object }
        return { user }
      })
      scope.post('/sign-out', async (request, reply) => {
        takeCookies(reply, await forward(request, 'sign-out', {}))
        sessions.forget()
        return { success: true }
      })
    },
    { prefix: '/api/auth' },
  )
}

/** @throws input_invalid */
function credentialsOf(body: unknown): Credentials {
  const { email, password } = (body ?? {}) as Partial<Record<keyof Credentials, unknown>>
  for (const [field, value] of Object.entries({ email, password })) {
    if (typeof value !== 'string' || value === '' || value.length > 200) {
      throw new WooSyncError('input_invalid', { field, problem: 'it takes a text of 1 to 200 characters' })
    }
  }
  return { email, password } as Credentials
}

function takeCookies(reply: FastifyReply, answer: Response): void {
  for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', cookie)
}

/** Where to go afterwards: on this server alone. */
function localPath(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])[\w/.?=&%-]{0,500}$/.test(next) ? next : '/sign-in'
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return (
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', SIGN_IN_POLICY)
      // With no-referrer a browser would send the form as from nowhere.
      .header('referrer-policy', 'same-origin')
      .send(html)
  )
}

/** Sends a person to the form who opened a page without being signed in; programs get their 401. */
export function askToSignIn(request: FastifyRequest, reply: FastifyReply, fault: WooSyncError): boolean {
  const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
  if (fault.code !== 'unauthorized' || !isPage) return false
  const [path = '/'] = request.url.split('?', 1)
  if (path.startsWith('/api/')) return false
  reply.redirect(`/sign-in?next=${encodeURIComponent(path)}`, 303)
  return true
}
