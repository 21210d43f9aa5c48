/** From what a server, or the way to it, says to one of this project's error codes. No server's text is passed on. */
import { type ErrorCode, WooSyncError } from '../../errors.ts'
import { LinkLost, ServerRefusal } from './link.ts'
import { Unreachable } from './socket.ts'
import type { MysqlAccess } from './way.ts'

/** Where it happened. */
export interface Place extends Pick<MysqlAccess, 'host' | 'port' | 'user' | 'database'> {
  /** Limit of one statement, in seconds. */
  seconds: number
}

const passing = new Set<ErrorCode>([
  'sql_connection_lost',
  'sql_unreachable',
  'sql_too_many_connections',
  'ssh_unreachable',
])

/** Whether a new connection may fare better: what was being read can be asked for again. */
export const isWorthAnotherTry = (thrown: unknown): boolean =>
  thrown instanceof WooSyncError && passing.has(thrown.code)

const gone = new Set([
  1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2055, 4031,
])
const busy = new Set([1040, 1203, 1226])
const tooSlow = new Set([1969, 3024])
const noDatabase = new Set([1044, 1049])
const noRight = new Set([1142, 1143, 1227, 1345, 1356])
const noTable = new Set([1146, 1932])
const signIn: Readonly<Record<number, string>> = {
  1045: 'wrong user or password, or not allowed from this address',
  1130: 'it lets nobody in from this address',
  1129: 'it has blocked this address after too many failures',
  1251: 'its way of signing in is not known here',
  1275: 'its way of signing in is too old',
  1396: 'there is no such user',
  1524: 'its way of signing in is not known here',
  1698: 'this user signs in without a password, from the server itself only',
  1820: 'the password must be changed first',
  1862: 'the password has expired',
  2059: 'its way of signing in is not known here',
  2061: 'its way of signing in needs an encrypted connection',
  3118: 'the account is locked',
  3159: 'it wants an encrypted connection: set MYSQL_TLS=true',
  4151: 'the account is locked',
}

/** Anything thrown by a link or on the way to it. Faults of this program itself are passed on as they are. */
export function faultOf(thrown: unknown, place: Place): unknown {
  if (thrown instanceof LinkLost) return new WooSyncError('sql_connection_lost', { cause: thrown.message })
  if (thrown instanceof ServerRefusal) return refusalOf(thrown, place)
  if (thrown instanceof Unreachable) {
    const { host, port } = place
    if (thrown.kind === 'unknown-host') return new WooSyncError('sql_host_unknown', { host })
    return new WooSyncError('sql_unreachable', { host, port, cause: thrown.message })
  }
  return thrown
}

function refusalOf({ number, state, message }: ServerRefusal, place: Place): WooSyncError {
  const { host, port, user, database, seconds } = place
  if (gone.has(number)) return new WooSyncError('sql_connection_lost', { cause: causeOfLoss(number) })
  if (busy.has(number)) return new WooSyncError('sql_too_many_connections', { host })
  if (tooSlow.has(number)) return new WooSyncError('sql_statement_too_slow', { seconds })
  if (noDatabase.has(number)) return new WooSyncError('sql_database_unknown', { host, database })
  if (noRight.has(number)) return new WooSyncError('sql_rights_missing', { table: tableIn(message) })
  if (noTable.has(number)) return new WooSyncError('sql_table_missing', { table: tableIn(message) })
  if (number === 2005) return new WooSyncError('sql_host_unknown', { host })
  if (number === 2026) {
    return new WooSyncError('sql_certificate_untrusted', { host, cause: 'the handshake failed' })
  }
  if (number === 2002 || number === 2003) {
    return new WooSyncError('sql_unreachable', { host, port, cause: 'nothing answers there' })
  }
  const cause = signIn[number]
  if (cause !== undefined) return new WooSyncError('sql_sign_in_refused', { host, user, cause })
  return new WooSyncError('sql_statement_refused', { number, state })
}

function causeOfLoss(number: number): string {
  if (number === 1053) return 'the server is shutting down'
  if (number === 1927) return 'the server ended it'
  if (number === 4031) return 'the server ended it after a pause'
  return 'the server is gone'
}

/** The table a server's message names: 'Table 'db.wp_posts' doesn't exist', 'for table `db`.`wp_posts`'. */
function tableIn(message: string): string {
  const quoted =
    /\bfor table ((?:[`'][^`']+[`']\.?){1,2})/.exec(message)?.[1] ?? /'([^']+)'/.exec(message)?.[1]
  const name = quoted?.replaceAll(/[`']/g, '').split('.').at(-1)
  return name !== undefined && /^[\w$-]{1,64}$/.test(name) ? name : 'a table'
}
