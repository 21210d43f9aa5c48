/**
 * The host's own `mysql`, run over SSH, where a host forbids forwarding (44). One client for the whole session:
 * statements go to its standard input; rows come back between marks. The password is the first line of the
 * input, never on a command line.
 */
import { randomBytes } from 'node:crypto'
import type { ClientChannel } from 'ssh2'
import { WooSyncError } from '../../errors.ts'
import type { Cell } from './database.ts'
import { withNullMarks } from './exec-nulls.ts'
import { rowsOf } from './exec-rows.ts'
import { LinkLost, ServerRefusal, type SqlLink } from './link.ts'
import { ChannelRefused, type SshConnection } from './ssh.ts'
import type { MysqlAccess } from './way.ts'

const NO_CLIENT = 127

/** `read` takes one line and no byte more, so the rest of the input is the client's. */
const script = [
  'IFS= read -r MYSQL_PWD || exit 1',
  'export MYSQL_PWD',
  'for c in mysql mariadb; do command -v "$c" >/dev/null 2>&1 && exec "$c" "$@"; done',
  `exit ${NO_CLIENT}`,
].join('; ')

/** What the shell on the other side is told to run; there is no secret in it. */
export function clientCommand(mysql: MysqlAccess): string {
  // `localhost` is the server's socket for the client, but a port of one's own means TCP.
  const overTcp = mysql.host !== 'localhost' || mysql.port !== 3306
  const words = [
    // Files on the host could name another password or another form of output. It must come first.
    '--no-defaults',
    '--batch',
    '--quick',
    '--unbuffered',
    '--force',
    '--skip-column-names',
    '--skip-reconnect',
    '--default-character-set=utf8mb4',
    `--host=${mysql.host}`,
    ...(overTcp ? ['--protocol=TCP', `--port=${mysql.port}`] : []),
    `--user=${mysql.user}`,
    `--database=${mysql.database}`,
  ]
  return `sh -c ${quoted(script)} sh ${words.map(quoted).join(' ')}`
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

export interface ClientPlace {
  sshHost: string
  timeoutMs: number
}

/** MariaDB keeps the count of errors until a statement with a table comes. This one has no rows. */
const forget = 'SELECT 1 FROM (SELECT 1) nothing WHERE 0;\n'

/** The client's own errors: without a server there will be no mark. */
const isOfClient = (number: number) => number >= 2000 && number < 3000

/** @throws ServerRefusal, LinkLost, ssh_no_way_to_database */
export async function openClient(
  ssh: SshConnection,
  mysql: MysqlAccess,
  { sshHost, timeoutMs }: ClientPlace,
): Promise<SqlLink> {
  const noWay = (cause: string) => new WooSyncError('ssh_no_way_to_database', { host: sshHost, cause })
  if (mysql.tls !== null) throw noWay('its client cannot be made to encrypt as MYSQL_TLS asks')
  const command = clientCommand(mysql)
  const client = await ssh
    .exec(command, (channel) => talkTo(channel, mysql.password))
    .catch((thrown: unknown) => {
      throw thrown instanceof ChannelRefused ? noWay('it runs no commands for this user') : thrown
    })
  const timer = setTimeout(() => client.link.destroy(), timeoutMs)
  try {
    await client.link.run('SELECT 1')
    return client.link
  } catch (thrown) {
    const { exitCode } = client
    client.link.destroy()
    if (thrown instanceof ServerRefusal || exitCode === null) throw thrown
    throw noWay(
      exitCode === NO_CLIENT
        ? 'there is no `mysql` and no `mariadb` on its path'
        : `the command ended with ${exitCode}`,
    )
  } finally {
    clearTimeout(timer)
  }
}

interface Question {
  resolve(rows: Cell[][]): void
  reject(fault: Error): void
  marked: boolean
}

function talkTo(channel: ClientChannel, password: string) {
  const mark = randomBytes(16).toString('hex')
  const ending = new RegExp(`(?:^|\\n)${mark}\\t(\\d+)\\n$`)
  const endingLength = mark.length + 12
  let question: Question | undefined
  let chunks: Buffer[] = []
  let last = Buffer.alloc(0)
  let problems = ''
  let refusal: ServerRefusal | undefined
  /** An answer that is whole, but whose error has not come yet: it comes on another stream. */
  let failed = false
  let lost: LinkLost | undefined
  let exitCode: number | null = null

  const settle = (use: (asked: Question) => void) => {
    const asked = question
    question = undefined
    chunks = []
    last = Buffer.alloc(0)
    failed = false
    refusal = undefined
    if (asked) use(asked)
  }
  const refuse = () => {
    const fault = refusal
    if (fault) settle((asked) => asked.reject(fault))
  }
  channel.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    // The mark may be split over two pieces, so the end of the one before is kept.
    last = Buffer.concat([last, chunk]).subarray(-endingLength)
    const end = ending.exec(last.toString('latin1'))
    if (!end) return
    if (end[1] !== '0') {
      failed = true
      refuse()
      return
    }
    const whole = Buffer.concat(chunks)
    const text = whole.toString('utf8', 0, whole.length - end[0].replace(/^\n/, '').length)
    settle((asked) => asked.resolve(rowsOf(text, asked.marked)))
  })
  channel.stderr.on('data', (chunk: Buffer) => {
    problems += chunk.toString('utf8')
    const lines = problems.split('\n')
    problems = (lines.pop() ?? '').slice(-4096)
    for (const line of lines) {
      const said = /^ERROR (\d+)(?: \((\w+)\))?(?: at line \d+)?: (.*)/.exec(line)
      if (!said) continue
      refusal ??= new ServerRefusal(Number(said[1]), said[2] ?? '', said[3] ?? '')
      if (isOfClient(Number(said[1]))) {
        lost ??= new LinkLost('the server is gone')
        failed = true
      }
    }
    if (failed) refuse()
  })
  channel.on('exit', (code: number | null) => {
    exitCode = code
  })
  channel.on('close', () => {
    lost ??= new LinkLost('the client on the host ended')
    const fault = refusal ?? lost
    settle((asked) => asked.reject(fault))
  })
  channel.on('error', () => undefined)
  channel.stdin.on('error', () => undefined)
  channel.write(`${password}\n`)

  const link: SqlLink = {
    run(sql) {
      if (lost) return Promise.reject(lost)
      const { statement, marked } = withNullMarks(sql.replace(/;\s*$/, ''))
      return new Promise((resolve, reject) => {
        question = { resolve, reject, marked }
        channel.write(`${statement}\n;\nSELECT '${mark}', @@error_count;\n${forget}`)
      })
    },
    // Its answer comes as one text, whose rows are made at once.
    async each(sql, take) {
      for (const row of await link.run(sql)) take(row)
    },
    close: () =>
      new Promise((resolve) => {
        if (lost) resolve()
        else channel.once('close', () => resolve())
        channel.end()
      }),
    destroy() {
      lost ??= new LinkLost('it was given up')
      const fault = lost
      settle((asked) => asked.reject(fault))
      channel.destroy()
    },
  }
  return {
    link,
    get exitCode() {
      return exitCode
    },
  }
}
