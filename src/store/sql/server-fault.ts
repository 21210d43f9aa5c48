/** What the server said when it refused to show a table. */
import { WooSyncError } from '../../errors.ts'

/** denied: the user may not read it. absent: there is no such table. */
export type TableFault = 'denied' | 'absent'

/** MySQL's numbers for a database, a table or a column without rights, and for a table that is not there. */
const NUMBERS: Readonly<Record<number, TableFault>> = {
  1044: 'denied',
  1142: 'denied',
  1143: 'denied',
  1146: 'absent',
}

/** Null where the fault is another: the connection, a limit. */
export function tableFault(thrown: unknown): TableFault | null {
  if (thrown instanceof WooSyncError) {
    if (thrown.code === 'sql_rights_missing') return 'denied'
    return thrown.code === 'sql_table_missing' ? 'absent' : null
  }
  const number = thrown instanceof Error && 'errno' in thrown ? Number(thrown.errno) : 0
  return NUMBERS[number] ?? null
}
