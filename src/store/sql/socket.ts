/** A TCP connection to an address that was checked first (36), without Nagle's pauses. */
import { connect, type Socket } from 'node:net'
import { type AddressRules, checkAddresses } from '../../addresses.ts'

/** No address answered; `reason` is for a person. */
export class Unreachable extends Error {
  readonly kind: 'unknown-host' | 'no-answer'

  constructor(kind: Unreachable['kind'], reason: string) {
    super(reason)
    this.name = 'Unreachable'
    this.kind = kind
  }
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it broke the connection',
  EHOSTUNREACH: 'there is no way to its network',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'it does not answer',
  EAI_AGAIN: 'the name service does not answer at the moment',
  EPIPE: 'it broke the connection',
}

/** What a system's error code means, for a person. */
export const causeOf = (thrown: unknown): string => {
  const code = thrown instanceof Error ? String(Reflect.get(thrown, 'code') ?? '') : ''
  return causes[code] ?? (/^[A-Z_]+$/.test(code) ? code : 'the connection failed')
}

/** While the work goes on, a caller that leaves has `end` called, so that no time-out is waited for. */
export async function endedBy<T>(
  signal: AbortSignal | undefined,
  end: () => void,
  work: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) end()
  signal?.addEventListener('abort', end, { once: true })
  try {
    return await work()
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

/**
 * Connects to the first of a host's addresses that answers.
 * @throws Unreachable, store_address_refused
 */
export async function openSocket(
  host: string,
  port: number,
  rules: AddressRules,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Socket> {
  let addresses: Awaited<ReturnType<typeof checkAddresses>>
  try {
    addresses = await checkAddresses(host, rules)
  } catch (thrown) {
    if (codeOf(thrown) === 'store_address_refused') throw thrown
    if (codeOf(thrown) === 'EAI_AGAIN') throw new Unreachable('no-answer', causeOf(thrown))
    throw new Unreachable('unknown-host', 'its name leads to no address')
  }
  let failure = new Unreachable('no-answer', 'it does not answer')
  for (const { address, family } of addresses) {
    if (signal?.aborted) break
    const socket = connect({ host: address, port, family, noDelay: true })
    try {
      const leave = () => void socket.destroy(new Unreachable('no-answer', 'it was given up'))
      return await endedBy(signal, leave, () => connected(socket, timeoutMs))
    } catch (thrown) {
      failure = thrown instanceof Unreachable ? thrown : new Unreachable('no-answer', causeOf(thrown))
    }
  }
  throw failure
}

const codeOf = (thrown: unknown) => (thrown instanceof Error ? Reflect.get(thrown, 'code') : undefined)

function connected(socket: Socket, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const timer = setTimeout(() => {
    reject(new Unreachable('no-answer', `no connection came about within ${timeoutMs / 1000} s`))
    socket.destroy()
  }, timeoutMs)
  socket.once('connect', () => {
    clearTimeout(timer)
    socket.off('error', reject)
    socket.setKeepAlive(true, 30_000)
    resolve(socket)
  })
  socket.once('error', (error) => {
    clearTimeout(timer)
    reject(error)
  })
  return promise
}
