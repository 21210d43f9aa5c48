/** Tries to hold a lock and says whether it could, then stays: `lock-process.ts <url> <key>`. */
import { createLocks } from '../../src/database/locks.ts'
import { openDatabase } from '../../src/database/open.ts'
import { testLogger } from '../database.ts'

const [url = '', key = ''] = process.argv.slice(2)
const database = await openDatabase({
  url,
  dataDirectory: '',
  poolSize: 1,
  applicationName: 'woosync-test',
  logger: testLogger,
})
const locks = createLocks(database)
const lock = await locks.tryHold(key)
process.send?.(lock ? 'held' : 'refused')
if (!lock) {
  await locks.close()
  await database.close()
  process.disconnect()
}
