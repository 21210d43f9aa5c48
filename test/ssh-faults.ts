/** An SSH server that can misbehave on command: ssh2's own, on 127.0.0.1. It really forwards and really runs commands. */
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { after } from 'node:test'
import ssh2, { type Connection, type Server, type ServerChannel } from 'ssh2'

export interface FaultySsh {
  port: number
  /** How it lets in: each with this password. */
  signIn: 'password' | 'keyboard-interactive'
  forwarding: 'allowed' | 'forbidden' | 'unreachable' | 'mute'
  /** nologin: an account without a shell. mute: takes the command and says nothing. */
  commands: 'run' | 'refused' | 'nologin' | 'mute'
  /** Ends the connection after so many bytes of answers through channels. */
  cutAfterBytes: number
  /** Lets nothing through any more, in channels that stay open. */
  stalled: boolean
  /** Sign-ins tried, and commands asked for. */
  readonly seen: { signIns: string[]; commands: string[]; connections: number }
  /** Ends every connection at once. */
  drop(): void
  /** From now on the same port shows another key. */
  changeKey(): void
}

export const SSH_PASSWORD = 'ssh-secret-ș-$'

/** Starts one; it ends with the test file. */
export async function startFaultySsh(): Promise<FaultySsh> {
  const sockets = new Set<Socket>()
  let server: Server
  let passed = 0
  const shop: FaultySsh = {
    port: 0,
    signIn: 'password',
    forwarding: 'allowed',
    commands: 'run',
    cutAfterBytes: Number.POSITIVE_INFINITY,
    stalled: false,
    seen: { signIns: [], commands: [], connections: 0 },
    drop() {
      for (const socket of sockets) socket.destroy()
    },
    changeKey() {
      const old = server
      server = withNewKey()
      old.close()
      server.listen(shop.port, '127.0.0.1')
    },
  }

  /** What comes from behind goes to the client, as far as it may. */
  const answer = (channel: ServerChannel, chunk: Buffer) => {
    passed += chunk.length
    if (shop.stalled) return
    channel.write(chunk)
    if (passed > shop.cutAfterBytes) shop.drop()
  }

  const serve = (client: Connection) => {
    shop.seen.connections += 1
    client.on('error', () => undefined)
    client.on('authentication', (asked) => {
      shop.seen.signIns.push(asked.method)
      if (asked.method !== shop.signIn) return asked.reject([shop.signIn])
      if (asked.method === 'password') {
        return asked.password === SSH_PASSWORD ? asked.accept() : asked.reject([shop.signIn])
      }
      asked.prompt([{ prompt: 'Password: ', echo: false }], (answers: string[]) =>
        answers[0] === SSH_PASSWORD ? asked.accept() : asked.reject([shop.signIn]),
      )
    })
    // Without a listener ssh2 answers as OpenSSH does: administratively prohibited.
    if (shop.forwarding !== 'forbidden')
      client.on('tcpip', (accept, reject, { destIP, destPort }) => {
        if (shop.forwarding === 'mute') return
        if (shop.forwarding === 'unreachable') return reject()
        const target = connect(destPort, destIP)
        target.on('error', () => reject())
        target.on('connect', () => {
          const channel = accept()
          channel.on('error', () => undefined)
          channel.pipe(target)
          target.on('data', (chunk: Buffer) => answer(channel, chunk))
          target.on('close', () => channel.end())
          channel.on('close', () => target.destroy())
        })
      })
    client.on('session', (acceptSession) => {
      acceptSession().on('exec', (accept, reject, { command }) => {
        shop.seen.commands.push(command)
        if (shop.commands === 'refused') return reject()
        const channel = accept()
        channel.on('error', () => undefined)
        if (shop.commands === 'mute') return
        if (shop.commands === 'nologin') {
          channel.write('This account is currently not available.\n')
          channel.exit(1)
          channel.end()
          return
        }
        const child = spawn('sh', ['-c', command], { stdio: 'pipe' })
        child.stdin.on('error', () => undefined)
        channel.pipe(child.stdin)
        child.stdout.on('data', (chunk: Buffer) => answer(channel, chunk))
        child.stderr.pipe(channel.stderr)
        child.on('close', (code) => {
          channel.exit(code ?? 1)
          channel.end()
        })
        channel.on('close', () => child.kill('SIGKILL'))
      })
    })
  }

  const withNewKey = (): Server => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const key = privateKey.export({ type: 'sec1', format: 'pem' })
    const made = new ssh2.Server({ hostKeys: [key] }, serve)
    made.on('connection', () => {
      passed = 0
    })
    const own = Reflect.get(made, '_srv')
    own.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    return made
  }

  server = withNewKey()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  shop.port = address.port
  after(() => {
    shop.drop()
    server.close()
  })
  return shop
}
