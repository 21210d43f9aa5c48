/** One SSH connection to a shop's host: the host's key judged first (44), then signed in, channels opened on it. */
import type { Duplex } from 'node:stream'
import ssh2, { type ClientChannel, type ConnectConfig } from 'ssh2'
import { WooSyncError } from '../../errors.ts'
import { within } from '../../within.ts'
import { checkHostKey } from './host-key.ts'
import { LinkLost } from './link.ts'
import { endedBy, openSocket, Unreachable } from './socket.ts'
import { connectTimeoutOf, type ShopDatabaseOptions, type SshAccess } from './way.ts'

export interface SshConnection {
  /** @throws ChannelRefused, LinkLost */
  forward(host: string, port: number): Promise<Duplex>
  /**
   * @param use listens from the first moment: a command may end in the packet that says it began
   * @throws ChannelRefused, LinkLost
   */
  exec<Result>(command: string, use: (channel: ClientChannel) => Result): Promise<Result>
  close(): void
}

/** The server opened no channel. `forbidden`: it will not for this user; else it could not reach the target. */
export class ChannelRefused extends Error {
  readonly forbidden: boolean

  constructor(forbidden: boolean) {
    super(forbidden ? 'it forbids forwarding' : 'the SSH server finds no way to it')
    this.name = 'ChannelRefused'
    this.forbidden = forbidden
  }
}

/** SSH_OPEN_CONNECT_FAILED of RFC 4254; every other reason is the server's will. */
const CONNECT_FAILED = 2

/**
 * AES-GCM first: Node has it in native code, while chacha20 would be JavaScript. The rest is what the library
 * offers by itself.
 */
const algorithms: ConnectConfig['algorithms'] = {
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  compress: ['none'],
}

/**
 * @throws ssh_host_unknown, ssh_unreachable, ssh_key_unreadable, ssh_passphrase_wrong, ssh_sign_in_refused,
 *   ssh_host_key_changed, ssh_fingerprint_mismatch, store_address_refused
 */
export async function openSsh(ssh: SshAccess, options: ShopDatabaseOptions): Promise<SshConnection> {
  const { host, port, user } = ssh
  const timeoutMs = connectTimeoutOf(options)
  const credentials = credentialsOf(ssh)
  const rules = {
    trusted: options.trustedAddress,
    allowPrivate: options.allowPrivateAddresses,
    ...(options.resolve && { resolve: options.resolve }),
  }
  const sock = await openSocket(host, port, rules, timeoutMs, options.signal).catch((thrown: unknown) => {
    if (!(thrown instanceof Unreachable)) throw thrown
    if (thrown.kind === 'unknown-host') throw new WooSyncError('ssh_host_unknown', { host })
    throw new WooSyncError('ssh_unreachable', { host, port, cause: thrown.message })
  })
  const client = new ssh2.Client()
  let refused: unknown
  let pin: (() => Promise<void>) | undefined
  const verify = async (key: Buffer): Promise<boolean> => {
    try {
      const { hostKeys } = options
      const check = { host, port, expected: ssh.fingerprint, hostKeys }
      const { name, fingerprint, type, known } = await checkHostKey(key, check)
      options.onStep?.({ step: 'host-key', host: name, fingerprint, type, known })
      if (!known) pin = () => hostKeys.pin(name, fingerprint)
      return true
    } catch (thrown) {
      refused = thrown
      return false
    }
  }
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  let lost: LinkLost | undefined
  client.once('ready', resolve)
  client.on('error', (error: Error & { level?: string }) => {
    lost ??= new LinkLost(error.level === 'client-timeout' ? 'the SSH server fell silent' : 'SSH broke')
    reject(error)
  })
  client.on('close', () => {
    lost ??= new LinkLost('the SSH connection was closed')
    reject(lost)
  })
  client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
    finish(prompts.map(() => ssh.password ?? '')),
  )
  client.connect({
    sock,
    username: user,
    ...credentials.config,
    algorithms,
    readyTimeout: timeoutMs,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer, answer: (fits: boolean) => void) => {
      void verify(key).then(answer)
    },
  })
  try {
    await endedBy(
      options.signal,
      () => sock.destroy(),
      () => ready,
    )
    // Only a host that let us in is remembered: a mistyped name is not.
    await pin?.()
  } catch (thrown) {
    client.destroy()
    sock.destroy()
    throw refused ?? signInFault(thrown, ssh, credentials.tried, timeoutMs)
  }
  options.onStep?.({ step: 'ssh-sign-in', host, user })

  const open = <Result>(
    start: (done: (error: Error | undefined, channel: ClientChannel) => void) => void,
    use: (channel: ClientChannel) => Result,
  ): Promise<Result> => {
    if (lost) return Promise.reject(lost)
    const work = new Promise<Result>((resolve, reject) => {
      client.once('close', () => reject(lost))
      start((error, channel) => {
        if (!error) resolve(use(channel))
        else if (lost) reject(lost)
        else reject(new ChannelRefused(Reflect.get(error, 'reason') !== CONNECT_FAILED))
      })
    })
    return within(work, timeoutMs, () => new LinkLost('the SSH server opened no channel in time'))
  }
  /**
   * OpenSSH switches Nagle's algorithm off on its own side only when a command runs. Without it each answer
   * waits 40 ms for an acknowledgement: 35,000 rows/s in pages of 1,000, against 500,000.
   */
  const quicken = async (): Promise<void> => {
    const channel = await open(
      (done) => client.exec('exit 0', done),
      (started) => started.on('error', () => undefined).resume(),
    ).catch((thrown: unknown) => {
      if (!(thrown instanceof ChannelRefused)) throw thrown
    })
    channel?.stderr.resume()
  }
  return {
    async forward(target, targetPort) {
      await quicken()
      return open(
        (done) => client.forwardOut('127.0.0.1', 0, target, targetPort, done),
        (channel) => channel,
      )
    },
    exec: (command, use) => open((done) => client.exec(command, done), use),
    close() {
      client.end()
      // A server that has fallen silent does not answer the farewell.
      sock.destroySoon()
    },
  }
}

interface Credentials {
  config: Pick<ConnectConfig, 'password' | 'privateKey' | 'passphrase' | 'agent' | 'tryKeyboard'>
  /** For a person. */
  tried: string
}

/** @throws ssh_key_unreadable, ssh_passphrase_wrong, setting_missing */
function credentialsOf(ssh: SshAccess): Credentials {
  const { privateKey, passphrase, password, agent } = ssh
  const tried = [privateKey !== null && 'key', password !== null && 'password'].filter((way) => way !== false)
  if (privateKey !== null) checkKey(privateKey, passphrase)
  if (tried.length === 0) {
    if (agent !== null) return { config: { agent }, tried: 'agent' }
    throw new WooSyncError('setting_missing', {
      setting: 'SSH_KEY_FILE',
      problem: 'there is neither a key nor SSH_PASSWORD nor an agent to sign in with',
    })
  }
  return {
    config: {
      ...(privateKey !== null && { privateKey, ...(passphrase !== null && { passphrase }) }),
      ...(password !== null && { password, tryKeyboard: true }),
    },
    tried: tried.join(', '),
  }
}

function checkKey(privateKey: string, passphrase: string | null): void {
  const parsed: unknown = ssh2.utils.parseKey(privateKey, passphrase ?? undefined)
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (!(key instanceof Error)) {
    if (Reflect.get(Object(key), 'isPrivateKey')?.call(key)) return
    throw new WooSyncError('ssh_key_unreadable', { cause: 'this is the public half' })
  }
  if (/no passphrase given/i.test(key.message)) {
    throw new WooSyncError('ssh_passphrase_wrong', { cause: 'it has a passphrase, and none is set' })
  }
  // Without a passphrase there is nothing a wrong one could have spoilt.
  if (passphrase !== null && /passphrase|decrypt|integrity|malformed/i.test(key.message)) {
    throw new WooSyncError('ssh_passphrase_wrong', { cause: 'the passphrase does not fit' })
  }
  throw new WooSyncError('ssh_key_unreadable', { cause: 'its form is not known, or it is damaged' })
}

function signInFault(thrown: unknown, ssh: SshAccess, tried: string, timeoutMs: number): unknown {
  if (thrown instanceof WooSyncError) return thrown
  const { host, port, user } = ssh
  const level = thrown instanceof Error ? Reflect.get(thrown, 'level') : undefined
  if (level === 'client-authentication') {
    return new WooSyncError('ssh_sign_in_refused', { host, user, tried })
  }
  if (level === 'agent') {
    return new WooSyncError('ssh_sign_in_refused', { host, user, tried: 'agent, which does not answer' })
  }
  if (level === 'client-timeout') {
    const cause = `no answer within ${timeoutMs / 1000} s`
    return new WooSyncError('ssh_unreachable', { host, port, cause })
  }
  if (level === 'protocol' || level === 'handshake') {
    return new WooSyncError('ssh_unreachable', { host, port, cause: 'it speaks no SSH that is known here' })
  }
  if (thrown instanceof LinkLost || level !== undefined) {
    return new WooSyncError('ssh_unreachable', { host, port, cause: 'it broke the connection' })
  }
  return thrown
}
