/**
 * A real OpenSSH server for a test file, on 127.0.0.1 and a high port, for the user who runs the tests. It lets in
 * by key only: a test has no password of this machine.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { freePort } from './free-port.ts'
import { findProgram, installPrograms } from './programs.ts'

/** For `test(name, { skip })`. */
export const skipWithoutOpenssh: string | false = installPrograms({
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  'ssh-agent': 'openssh-client',
  'ssh-add': 'openssh-client',
})

export interface OpensshOptions {
  /** Default: allowed. */
  forwarding?: 'allowed' | 'forbidden'
  /** Programs a command finds on its path. Default: those of this machine. */
  programs?: 'all' | 'only-a-shell'
  /** What stands before the key in authorized_keys. */
  keyOptions?: string
}

export interface Openssh {
  host: '127.0.0.1'
  port: number
  user: string
  /** The text of a private key it lets in. */
  key: string
  keyFile: string
  /** Another it lets in, with a passphrase. */
  lockedKey: string
  passphrase: string
  /** A key it does not know. */
  strangeKey: string
  /** `SHA256:…` as ssh-keygen prints it, of its ed25519 key. */
  fingerprint: string
  /** Socket of an agent that holds `key`. */
  startAgent(): Promise<string>
  /** Cuts every connection, as a host does when it restarts; the server lets new ones in. */
  cutConnections(): void
}

export const PASSPHRASE = 'a passphrase with spaces, and ș'

/** Starts a server; it ends with the test file. */
export async function startOpenssh(options: OpensshOptions = {}): Promise<Openssh> {
  const server = await openOpenssh(options)
  after(() => server.close())
  return server
}

/** The same for a program that is no test: whoever opens it closes it. */
export async function openOpenssh(
  options: OpensshOptions = {},
): Promise<Openssh & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'woosync-openssh-'))
  const file = (name: string) => join(folder, name)
  for (const [name, passphrase] of [
    ['host', ''],
    ['key', ''],
    ['locked', PASSPHRASE],
    ['strange', ''],
  ] as const) {
    const made = spawnSync(findProgram('ssh-keygen') as string, [
      ...['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', file(name)],
    ])
    if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`)
  }
  const read = (name: string) => readFileSync(file(name), 'utf8')
  writeFileSync(file('authorized'), `${options.keyOptions ?? ''} ${read('key.pub')}${read('locked.pub')}`)
  mkdirSync(file('bin'))
  symlinkSync('/bin/sh', join(file('bin'), 'sh'))
  const port = await freePort()
  writeFileSync(
    file('config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${file('host')}`,
      `AuthorizedKeysFile ${file('authorized')}`,
      `PidFile ${file('pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'MaxStartups 100',
      `AllowTcpForwarding ${options.forwarding === 'forbidden' ? 'no' : 'yes'}`,
      // So deep in shells that bash leaves out its ~/.bashrc: what somebody keeps there may take long, or wait for a lock.
      `SetEnv SHLVL=2${options.programs === 'only-a-shell' ? ` PATH=${file('bin')}` : ''}`,
      '',
    ].join('\n'),
  )
  // Where sshd runs as root it wants this folder, which a container without an init has not.
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 })
  const server = spawn(findProgram('sshd') as string, ['-D', '-e', '-f', file('config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const children: ChildProcess[] = [server]
  await listening(server)
  const shown = spawnSync(findProgram('ssh-keygen') as string, ['-l', '-f', file('host.pub')])
  const fingerprint = /SHA256:\S+/.exec(shown.stdout.toString())?.[0] ?? ''
  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    key: read('key'),
    keyFile: file('key'),
    lockedKey: read('locked'),
    passphrase: PASSPHRASE,
    strangeKey: read('strange'),
    fingerprint,
    async startAgent() {
      const socket = file('agent')
      const agent = spawn(findProgram('ssh-agent') as string, ['-D', '-a', socket], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      children.push(agent)
      await new Promise((resolve) => agent.stdout?.once('data', resolve))
      const added = spawnSync(findProgram('ssh-add') as string, ['-q', file('key')], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      })
      if (added.status !== 0) throw new Error(`ssh-add: ${added.stderr}`)
      return socket
    },
    cutConnections() {
      // From the last on: those that are cut off from the one above end by themselves.
      for (const pid of childrenOf(server.pid as number).reverse()) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch (thrown) {
          if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
        }
      }
    },
    async close() {
      // They clear files away themselves when they end, which the removal of the folder must not meet.
      await Promise.all(children.map(ended))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

/** Resolves when sshd says that it listens. */
async function listening(server: ChildProcess): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (text) => {
      said += text
      if (/Server listening/.test(said)) resolve()
    })
    server.once('exit', () => reject(new Error(`sshd ended: ${said}`)))
  })
}

/** Processes that a process started, and those that these started: one serves each connection. */
export function childrenOf(pid: number): number[] {
  let own: string
  try {
    own = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  } catch {
    return []
  }
  const direct = own.trim().split(' ').filter(Boolean).map(Number)
  return [...direct, ...direct.flatMap(childrenOf)]
}
